"""Tokens: which are trusted, which are not, and what a trusted one says."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from structlog.testing import capture_logs

from returns_server.application.caller import Scope
from returns_server.domain.errors import TokenExpired, TokenInvalid
from returns_server.domain.ids import SECOND, Micros
from returns_server.domain.returns import UserType
from returns_server.issuers import Algorithm, AuthFile, Issuer
from returns_server.transport.authentication import MAX_TOKEN_LENGTH, TokenVerifier
from tests.support.tokens import START, Clock, Key, key_set, part

NOW = START // 1_000_000
ISSUER = "https://login.shop.example"
OTHER_ISSUER = "https://other.shop.example"
EC_KEY = Key.new("ec-1")
RSA_KEY = Key.new("rsa-1", "RS256")
OTHER_KEY = Key.new("other-1")
UNKNOWN_KEY = Key.new("ec-1")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "returns",
    "exp": NOW + 600,
    "tenant": "acme",
    "sub": "user-1",
    "scope": "returns.returns_manage_own openid",
}


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims with changes; None leaves one out."""
    return {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def verifier(tmp_path: Path, clock: Clock) -> AsyncIterator[TokenVerifier]:
    (tmp_path / "keys.json").write_bytes(key_set(EC_KEY, RSA_KEY))
    (tmp_path / "other.json").write_bytes(key_set(OTHER_KEY))
    auth = AuthFile(
        issuers=(
            Issuer(
                issuer=ISSUER,
                audiences=("returns", "shop"),
                algorithms=(Algorithm.ES256, Algorithm.RS256),
                jwks_file=tmp_path / "keys.json",
            ),
            Issuer(
                issuer=OTHER_ISSUER,
                audiences=("returns",),
                algorithms=(Algorithm.ES256,),
                jwks_file=tmp_path / "other.json",
            ),
        )
    )
    async with TokenVerifier(auth, clock) as verifier:
        yield verifier


async def test_a_good_token_tells_who_calls(verifier: TokenVerifier) -> None:
    caller = await verifier.verify(
        EC_KEY.sign(
            claims(
                customer_id="customer-7",
                email=" Ada@Example.COM ",
                email_verified=True,
                given_name=" Ada ",
                family_name="L" * 300,
            )
        )
    )
    assert (caller.tenant, caller.issuer, caller.subject, caller.customer_id) == (
        "acme",
        ISSUER,
        "user-1",
        "customer-7",
    )
    assert caller.scopes == {Scope.MANAGE_OWN, Scope.READ_OWN}
    assert caller.email == caller.verified_email == "ada@example.com"
    assert (caller.first_name, caller.last_name) == ("Ada", "L" * 200)
    assert caller.user_type is UserType.CUSTOMER
    assert caller.expire_time == START + 600_000_000


async def test_the_customer_is_the_subject_unless_named(verifier: TokenVerifier) -> None:
    assert (await verifier.verify(EC_KEY.sign(claims()))).customer_id == "user-1"


@pytest.mark.parametrize("verified", [None, False, "true", "True", 1, [True]])
async def test_only_true_verifies_an_address(verifier: TokenVerifier, verified: object) -> None:
    caller = await verifier.verify(EC_KEY.sign(claims(email="ada@example.com", email_verified=verified)))
    assert (caller.email, caller.verified_email) == ("ada@example.com", "")


@pytest.mark.parametrize(
    ("scope", "claim", "expected"),
    [
        ("returns.returns_manage_own", None, UserType.CUSTOMER),
        ("returns.returns_manage_own", "EMPLOYEE", UserType.CUSTOMER),
        ("", "SERVICE", UserType.CUSTOMER),
        ("returns.returns_read", None, UserType.EMPLOYEE),
        ("returns.returns_manage returns.returns_manage_own", None, UserType.EMPLOYEE),
        ("returns.returns_manage", "something", UserType.EMPLOYEE),
        ("returns.returns_manage", "service", UserType.SERVICE),
        ("returns.orders_manage", "SERVICE", UserType.SERVICE),
    ],
)
async def test_who_hands_in_follows_from_scopes_and_claim(
    verifier: TokenVerifier, scope: str, claim: str | None, expected: UserType
) -> None:
    caller = await verifier.verify(EC_KEY.sign(claims(scope=scope, user_type=claim)))
    assert caller.user_type is expected


@pytest.mark.parametrize("audience", ["returns", "shop", ["returns"], ["else", "shop"]])
async def test_one_audience_of_several_is_enough(verifier: TokenVerifier, audience: object) -> None:
    assert (await verifier.verify(EC_KEY.sign(claims(aud=audience)))).tenant == "acme"


@pytest.mark.parametrize("algorithm", [algorithm.value for algorithm in Algorithm])
async def test_every_algorithm_that_an_auth_file_may_allow_works(algorithm: str, tmp_path: Path, clock: Clock) -> None:
    key = Key.new("k", algorithm)
    (tmp_path / "keys.json").write_bytes(key_set(key))
    issuer = {"issuer": ISSUER, "audiences": "returns", "algorithms": algorithm, "jwks_file": tmp_path / "keys.json"}
    async with TokenVerifier(AuthFile.model_validate({"issuers": [issuer]}), clock) as verifier:
        assert (await verifier.verify(key.sign(claims()))).tenant == "acme"


def resigned(token: str) -> str:
    """The token with another payload under the old signature."""
    header, _, signature = token.split(".")
    return f"{header}.{part(claims(tenant='other'))}.{signature}"


def signed_with_the_public_key() -> str:
    """The classic confusion: the public key, which everybody knows, taken as an HMAC secret."""
    public = RSA_KEY.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{part({'alg': 'HS256', 'kid': 'rsa-1'})}.{part(claims())}"
    return f"{signed}.{part(hmac.digest(public, signed.encode(), 'sha256'))}"


NOT_ONE = "not a JSON Web Token"
BAD_TOKENS: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", NOT_ONE),
    "one part": (lambda: "x", NOT_ONE),
    "two parts": (lambda: EC_KEY.sign(claims()).rpartition(".")[0], NOT_ONE),
    "four parts": (lambda: EC_KEY.sign(claims()) + ".x", NOT_ONE),
    "not base64": (lambda: "é.é.é", NOT_ONE),
    "not JSON": (lambda: f"{part(b'x')}.{part(b'y')}.z", NOT_ONE),
    "not UTF-8": (lambda: f"{part(bytes([255]))}.{part({})}.z", NOT_ONE),
    "no objects": (lambda: f"{part([])}.{part([])}.z", NOT_ONE),
    "too deep": (lambda: f"{part(b'[' * 5000)}.{part({})}.z", NOT_ONE),
    "a number too long": (lambda: f"{part(b'9' * 5000)}.{part({})}.z", NOT_ONE),
    "huge": (lambda: EC_KEY.sign(claims(padding="x" * MAX_TOKEN_LENGTH)), NOT_ONE),
    "encrypted": (lambda: f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.a.b.c.d", NOT_ONE),
    "alg none": (lambda: f"{part({'alg': 'none', 'kid': 'ec-1'})}.{part(claims())}.", "algorithm"),
    "alg missing": (lambda: f"{part({'kid': 'ec-1'})}.{part(claims())}.x", "algorithm"),
    "alg no text": (lambda: f"{part({'alg': ['ES256']})}.{part(claims())}.x", "algorithm"),
    "HS256 with the public key": (signed_with_the_public_key, "algorithm"),
    "an algorithm of another issuer": (
        lambda: Key("rsa-1", "RS256", RSA_KEY.private).sign(claims(iss=OTHER_ISSUER)),
        "algorithm",
    ),
    "an algorithm that the key is not for": (
        lambda: f"{part({'alg': 'RS256', 'kid': 'ec-1'})}.{part(claims())}.x",
        "does not publish",
    ),
    "an algorithm that did not sign": (lambda: f"{part({'alg': 'RS256', 'kid': 'rsa-1'})}.{part(claims())}.x", "wrong"),
    "no signature": (lambda: EC_KEY.sign(claims()).rpartition(".")[0] + ".", "signature is wrong"),
    "other content": (lambda: resigned(EC_KEY.sign(claims())), "signature is wrong"),
    "another key under a known id": (lambda: UNKNOWN_KEY.sign(claims()), "signature is wrong"),
    "a key of another issuer": (lambda: OTHER_KEY.sign(claims()), "does not publish"),
    "an unknown key": (lambda: EC_KEY.sign(claims(), kid="ec-2"), "does not publish"),
    "a key id that is no text": (
        lambda: f"{part({'alg': 'ES256', 'kid': 7})}.{part(claims())}.x",
        "`kid` must be a text",
    ),
    "a key id that is a list": (
        lambda: f"{part({'alg': 'ES256', 'kid': [1]})}.{part(claims())}.x",
        "`kid` must be a text",
    ),
    "a time too large for any float": (lambda: EC_KEY.sign(claims() | {"exp": 10**400}), "`exp` is not a time"),
    "critical extensions": (lambda: EC_KEY.sign(claims(), crit=["x"], x=1), "extensions"),
    "unencoded payload": (
        lambda: f"{part({'alg': 'ES256', 'kid': 'ec-1', 'b64': False, 'crit': ['b64']})}.{part(claims())}.x",
        "extensions",
    ),
    "typ of a logout token": (lambda: EC_KEY.sign(claims(), typ="logout+jwt"), "typ"),
    "typ of a security event": (lambda: EC_KEY.sign(claims(), typ="secevent+jwt"), "typ"),
    "typ of a proof of possession": (lambda: EC_KEY.sign(claims(), typ="dpop+jwt"), "typ"),
    "typ of an authorisation request": (lambda: EC_KEY.sign(claims(), typ="application/oauth-authz-req+jwt"), "typ"),
    "typ no text": (lambda: EC_KEY.sign(claims(), typ=["JWT"]), "typ"),
    "critical extensions, none named": (lambda: EC_KEY.sign(claims(), crit=[]), "extensions"),
    "critical extensions, null": (
        lambda: f"{part({'alg': 'ES256', 'kid': 'ec-1', 'crit': None})}.{part(claims())}.x",
        "extensions",
    ),
    "no issuer": (lambda: EC_KEY.sign(claims(iss=None)), "issuer is not trusted"),
    "an unknown issuer": (lambda: EC_KEY.sign(claims(iss=ISSUER + "/")), "issuer is not trusted"),
    "no audience": (lambda: EC_KEY.sign(claims(aud=None)), "aud"),
    "another audience": (lambda: EC_KEY.sign(claims(aud="billing")), "aud"),
    "other audiences": (lambda: EC_KEY.sign(claims(aud=["billing", 7])), "aud"),
    "no exp": (lambda: EC_KEY.sign(claims(exp=None)), "exp"),
    "exp is text": (lambda: raw(exp=str(NOW + 600)), "exp"),
    "exp is true": (lambda: raw(exp=True), "exp"),
    "exp is NaN": (lambda: raw(exp=float("nan")), "exp"),
    "exp is infinite": (lambda: raw(exp=float("inf")), "exp"),
    "exp is beyond all time": (lambda: raw(exp=10**15), "exp"),
    "exp is before all time": (lambda: raw(exp=-1), "exp"),
    "not valid yet": (lambda: EC_KEY.sign(claims(nbf=NOW + 31)), "nbf"),
    "issued in the future": (lambda: EC_KEY.sign(claims(iat=NOW + 31)), "iat"),
    "iat is text": (lambda: raw(iat="now"), "iat"),
    "nbf is text": (lambda: raw(nbf="soon"), "nbf"),
    "no tenant": (lambda: EC_KEY.sign(claims(tenant=None)), "tenant"),
    "a tenant too short": (lambda: EC_KEY.sign(claims(tenant="ab")), "tenant"),
    "a tenant too long": (lambda: EC_KEY.sign(claims(tenant="a" * 17)), "tenant"),
    "a tenant in upper case": (lambda: EC_KEY.sign(claims(tenant="Acme")), "tenant"),
    "a tenant with a digit first": (lambda: EC_KEY.sign(claims(tenant="1acme")), "tenant"),
    "all tenants": (lambda: EC_KEY.sign(claims(tenant="-")), "tenant"),
    "a tenant and a line end": (lambda: EC_KEY.sign(claims(tenant="acme\n")), "tenant"),
    "tenant is no text": (lambda: EC_KEY.sign(claims(tenant=["acme"])), "tenant"),
    "no subject": (lambda: EC_KEY.sign(claims(sub=None)), "sub"),
    "an empty subject": (lambda: EC_KEY.sign(claims(sub="")), "sub"),
    "a subject that no database takes": (lambda: EC_KEY.sign(claims(sub="a\0b")), "sub"),
    "a subject that no UTF-8 takes": (lambda: raw(sub="\ud800"), "sub"),
    "a customer id that is a number": (lambda: EC_KEY.sign(claims(customer_id=7)), "customer_id"),
    "scopes as a list": (lambda: EC_KEY.sign(claims(scope=["returns.returns_manage"])), "scope"),
    "an address too long": (lambda: EC_KEY.sign(claims(email="a" * 255)), "email"),
}


def raw(**changes: Any) -> str:
    """A properly signed token with claims that a library would refuse to write."""
    return jwt.PyJWS().encode(
        json.dumps(claims(**changes)).encode(), EC_KEY.private, algorithm="ES256", headers={"kid": "ec-1"}
    )


@pytest.mark.parametrize("case", BAD_TOKENS)
async def test_a_bad_token_is_refused_with_the_reason_and_without_the_token(verifier: TokenVerifier, case: str) -> None:
    make, reason = BAD_TOKENS[case]
    token = make()
    for _ in range(2):  # nothing bad is remembered as good
        with pytest.raises(TokenInvalid, match=reason) as refused:
            await verifier.verify(token)
    assert len(str(refused.value)) < 200
    assert not any(piece in str(refused.value) for piece in token.split(".") if len(piece) > 3)


async def test_a_token_without_key_id_needs_an_issuer_with_one_fitting_key(
    verifier: TokenVerifier, tmp_path: Path, clock: Clock
) -> None:
    token = EC_KEY.sign(claims(), kid=None)
    assert (await verifier.verify(token)).tenant == "acme"
    (tmp_path / "keys.json").write_bytes(key_set(EC_KEY, Key.new("ec-2")))
    clock.advance(2)
    with pytest.raises(TokenInvalid, match="names no key"):
        await verifier.verify(EC_KEY.sign(claims(sub="user-2"), kid=None))


async def test_a_token_expires_after_the_leeway_also_when_it_is_remembered(
    verifier: TokenVerifier, clock: Clock
) -> None:
    token = EC_KEY.sign(claims())
    await verifier.verify(token)
    clock.advance(600 + 29.9)
    await verifier.verify(token)
    await verifier.verify(EC_KEY.sign(claims(sub="user-2")))
    clock.advance(0.1)
    for sub in ("user-1", "user-2", "user-3"):
        with pytest.raises(TokenExpired, match="expired"):
            await verifier.verify(EC_KEY.sign(claims(sub=sub)))
    with pytest.raises(TokenExpired):
        await verifier.verify(token)


async def test_only_an_authentic_token_is_called_expired(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenInvalid, match="signature"):
        await verifier.verify(UNKNOWN_KEY.sign(claims(exp=NOW - 600)))


async def test_a_token_is_good_from_its_start_on_less_the_leeway(verifier: TokenVerifier, clock: Clock) -> None:
    token = EC_KEY.sign(claims(nbf=NOW + 60, exp=NOW + 600.5))
    with pytest.raises(TokenInvalid, match="nbf"):
        await verifier.verify(token)
    clock.advance(30)
    assert (await verifier.verify(token)).expire_time == START + 600_500_000


async def test_a_token_may_be_issued_a_little_ahead_of_our_clock(verifier: TokenVerifier) -> None:
    assert (await verifier.verify(EC_KEY.sign(claims(iat=NOW + 30)))).tenant == "acme"


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
async def test_the_types_of_access_tokens_are_good(verifier: TokenVerifier, typ: str | None) -> None:
    assert (await verifier.verify(EC_KEY.sign(claims(), typ=typ))).tenant == "acme"


async def test_the_leeway_can_be_set(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "keys.json").write_bytes(key_set(EC_KEY))
    issuer = {"issuer": ISSUER, "audiences": "returns", "algorithms": "ES256", "jwks_file": tmp_path / "keys.json"}
    strict = AuthFile.model_validate({"issuers": [issuer], "leeway_seconds": 0})
    async with TokenVerifier(strict, clock) as verifier:
        with pytest.raises(TokenExpired):
            await verifier.verify(EC_KEY.sign(claims(exp=NOW)))


async def test_a_remembered_token_is_not_verified_again(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = EC_KEY.sign(claims())
    first = await verifier.verify(token)
    monkeypatch.setattr(verifier, "_signatures", None)
    assert await verifier.verify(token) is first


async def test_what_is_remembered_is_bounded(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "keys.json").write_bytes(key_set(EC_KEY))
    issuer = {"issuer": ISSUER, "audiences": "returns", "algorithms": "ES256", "jwks_file": tmp_path / "keys.json"}
    async with TokenVerifier(AuthFile.model_validate({"issuers": [issuer]}), clock, max_remembered=5) as verifier:
        tokens = [EC_KEY.sign(claims(sub=f"user-{n}")) for n in range(20)]
        first = [await verifier.verify(token) for token in tokens]
        assert len(verifier._remembered) == 5
        again = [await verifier.verify(token) for token in reversed(tokens)]
        kept = [a is b for a, b in zip(first, reversed(again), strict=True)]
        assert kept == [False] * 15 + [True] * 5
        with pytest.raises(TokenInvalid):
            await verifier.verify(UNKNOWN_KEY.sign(claims()))
        assert len(verifier._remembered) == 5


async def test_an_issuer_that_speaks_beyond_its_bounds_is_told_of_now_and_then(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "keys.json").write_bytes(key_set(EC_KEY))
    issuer = {"issuer": ISSUER, "audiences": "returns", "algorithms": "ES256", "jwks_file": tmp_path / "keys.json"}
    bounds = {"tenants": "acme", "scopes": "returns.returns_manage_own"}
    async with TokenVerifier(AuthFile.model_validate({"issuers": [{**issuer, **bounds}]}), clock) as verifier:
        with capture_logs() as logged:
            for seconds, changes in (
                (0, {"tenant": "other"}),
                (59, {"scope": "returns.returns_read"}),
                (60, {"scope": "returns.returns_read"}),
            ):
                clock.now = Micros(START + seconds * SECOND)
                for _ in range(3):
                    with pytest.raises(TokenInvalid):
                        await verifier.verify(EC_KEY.sign(claims(**changes)))
            with pytest.raises(TokenInvalid):
                await verifier.verify(UNKNOWN_KEY.sign(claims(tenant="other")))
    told = [(entry["event"], entry["issuer"], entry["tenant"], entry["claim"]) for entry in logged]
    event = "an issuer spoke beyond its bounds"
    assert told == [(event, ISSUER, "other", "tenant"), (event, ISSUER, "acme", "scope")]
