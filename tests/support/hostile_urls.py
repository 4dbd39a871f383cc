"""Addresses that a webhook must never reach, in all the spellings that have fooled somebody, and ordinary ones."""

from __future__ import annotations

from collections.abc import Sequence

PUBLIC_4, PUBLIC_6 = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"

NAMES: dict[str, Sequence[str]] = {
    "localtest.example.com": ["127.0.0.1"],
    "ten.example.com": ["10.0.0.1"],
    "seventeen.example.com": ["172.16.5.5"],
    "nineteen.example.com": ["192.168.1.1"],
    "carrier.example.com": ["100.64.0.1"],
    "link-local.example.com": ["169.254.1.1"],
    "metadata.example.com": ["169.254.169.254"],
    "zero.example.com": ["0.0.0.0"],
    "broadcast.example.com": ["255.255.255.255"],
    "multicast.example.com": ["224.0.0.1"],
    "reserved.example.com": ["240.0.0.1"],
    "benchmark.example.com": ["198.18.0.1"],
    "documentation.example.com": ["203.0.113.7"],
    "six-loopback.example.com": ["::1"],
    "six-any.example.com": ["::"],
    "six-local.example.com": ["fe80::1"],
    "six-zone.example.com": ["fe80::1%lo"],
    "six-unique.example.com": ["fd12:3456::1"],
    "six-site.example.com": ["fec0::1"],
    "six-multicast.example.com": ["ff02::1"],
    "six-mapped.example.com": ["::ffff:127.0.0.1"],
    "six-compatible.example.com": ["::127.0.0.1"],
    "six-nat.example.com": ["64:ff9b::7f00:1"],
    "six-nat-local.example.com": ["64:ff9b:1::7f00:1"],
    "six-to-four.example.com": ["2002:7f00:1::1"],
    "teredo.example.com": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "six-documentation.example.com": ["2001:db8::1"],
    "mixed.example.com": [PUBLIC_4, "127.0.0.1"],
    "mixed-six.example.com": [PUBLIC_6, "::1"],
    "late.example.com": [PUBLIC_4] * 9 + ["10.0.0.1"],
    "many.example.com": [f"93.184.216.{number}" for number in range(1, 101)],
    "nobody.example.com": [],
    "garbage.example.com": ["not-an-address"],
}
"""What a hostile name server answers."""

PUBLIC_NAMES = """
    example.com www.example.com hooks.shop.example.com api.hooks.eu-west-1.example.com a.io
    xn--bcher-kva.example bücher.example mañana.example.com 日本語.example 0x.example.com 10.example.com
    127.0.0.1.example.com localhost.example.com metadata.shop.example my-shop--7.example.com
    under_score.example.com UPPER.Example.COM trailing.example.com.
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com 1e100.example
    internal.example.com 169-254-169-254.example.com
""".split()  # noqa: SIM905
"""Ordinary names, some of which only look odd."""


def hostile(port: int) -> list[str]:
    """URLs that must be blocked; where a port makes sense, it is that of a listener that must hear nothing."""
    at = f":{port}/hook"
    literals = """
        127.0.0.1 127.0.0.2 127.1 127.0.1 127.000.000.001 0127.0.0.1 0177.0.0.1 0177.0.0.01 0x7f.0.0.1
        0x7f.0x0.0x0.0x1 0x7F000001 0x7f.1 2130706433 017700000001 127.0.0.1. 0 0.0.0.0 0.0 00000000 1
        3232235777 0xC0A80101 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1
        100.127.255.254 169.254.169.254 169.254.170.2 0xA9FEA9FE 2852039166 100.100.100.200 168.63.129.16
        192.0.0.192 198.18.0.1 198.51.100.1 203.0.113.1 192.0.2.1 224.0.0.1 239.255.255.250 240.0.0.1
        255.255.255.255 127.0.0.1.0x 256.256.256.256 127.0.0.1.5 １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1
        𝟏𝟐𝟕.𝟎.𝟎.𝟏 ⓛocalhost ｌocalhost localhost LOCALHOST localhost. localhost.localdomain foo.localhost
        ip6-localhost metadata metadata.google.internal metadata.google.internal. metadata.goog instance-data
        kubernetes.default.svc [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::127.0.0.1] [::ffff:127.0.0.1]
        [::ffff:7f00:1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:0001::]
        [2001:0::7f00:1] [2001:db8::1] [fe80::1] [fe80::1%25lo] [fe80::1%lo] [fec0::1] [fc00::1]
        [fd00:ec2::254] [ff02::1] [100::1] [::ffff:169.254.169.254] [3fff::1] [5f00::1] [1::1] [v1.fe80::a]
        [127.0.0.1]
    """.split()  # noqa: SIM905  (as a list they would fill three screens)
    forms = [
        f"http://127.0.0.1{at}", "http://example.com/", f"ftp://127.0.0.1{at}", "file:///etc/passwd",
        "gopher://127.0.0.1:11211/_x", f"https://user@127.0.0.1{at}", f"https://user:pass@example.com{at}",
        f"https://example.com@127.0.0.1{at}", f"https://127.0.0.1{at}#@example.com/",
        f"https://example.com#@127.0.0.1{at}", f"https://example.com\\@127.0.0.1{at}",
        f"https:\\\\127.0.0.1{at}", f"https:127.0.0.1{at}", f"https:/127.0.0.1{at}", f"https:///127.0.0.1{at}",
        f"//127.0.0.1{at}", f"https://127.0.0.1%00.example.com{at}", f"https://127.0.0.1%2eexample.com{at}",
        f"https://127.0.0.1\t{at}", f"https://127.0.0.1 {at}", f" https://127.0.0.1{at}",
        f"https://127.0.0.1\r\nHost: example.com{at}", f"https://[::1]%2f@example.com{at}",
        f"https://example.com:80@127.0.0.1{at}", "https://", "https://:443/", "https://./", "https://-/",
        "https://example..com/", "https://" + "a" * 64 + ".com/", "https://" + "a." * 130 + "com/",
        "https://example.com:0/", "https://example.com:22/", "https://example.com:65536/",
        "https://example.com:25/", "https://example.com:443:443/", "https://example.com:+443/",
        "https://example.com:４４３/", "https://exa mple.com/", "javascript:alert(1)", "data:text/html,x",
        "unix:///var/run/docker.sock", "https://example.com/" + "x" * 2_048, "https://[::1/", "https://::1/",
        "https://example.com/a b", "https://example.com/\x00", "jar:https://127.0.0.1!/",
    ]  # fmt: skip
    return [f"https://{host}{at}" for host in literals] + [f"https://{name}{at}" for name in NAMES] + forms
