// Package returns calls the Returns Service: it files returns, pages through lists and follows events.
//
// A [Client] has the generated clients of the services. Their calls end in time, are repeated while servers come and go,
// have one effect however often they are repeated, and fail with an [*Error] that says why. [Client.Follow] reads a
// tenant's events through restarts and lost connections, and [Verifier] checks the webhooks that the service posts.
package returns
