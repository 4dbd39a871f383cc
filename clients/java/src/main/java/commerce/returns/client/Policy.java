package commerce.returns.client;

import commerce.returns.v1.GetReturnPolicyRequest;
import commerce.returns.v1.PolicyServiceGrpc;
import commerce.returns.v1.ReturnPolicy;
import commerce.returns.v1.UpdateReturnPolicyRequest;

/** A tenant's rules for returns. Every method throws {@link ReturnsException}. */
public final class Policy {
  private final Calls calls;

  Policy(Calls calls) {
    this.calls = calls;
  }

  /** Answers the tenant's policy; the defaults where none was set. */
  public ReturnPolicy getReturnPolicy(GetReturnPolicyRequest request) {
    return calls.call(PolicyServiceGrpc.getGetReturnPolicyMethod(), request);
  }

  /** Changes the tenant's policy. */
  public ReturnPolicy updateReturnPolicy(UpdateReturnPolicyRequest request) {
    return calls.call(PolicyServiceGrpc.getUpdateReturnPolicyMethod(), request);
  }
}
