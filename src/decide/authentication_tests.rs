//! The grammar of RFC 8601, as providers write it and as attackers bend it.
use super::*;

/// `id | method=result{property=value,...} ...`
fn shown(value: &str) -> String {
    let results = read(value);
    let mut out = results.authserv_id.unwrap_or_else(|| "-".to_owned());
    for s in results.statements {
        let properties: Vec<String> = s.properties.iter().map(|(n, v)| format!("{n}={v}")).collect();
        out.push_str(&format!(" {}={}{{{}}}", s.method, s.result, properties.join(",")));
    }
    out
}

#[test]
fn forms_met_in_practice() {
    for (value, want) in [
        ("mx.example; none", "mx.example"),
        ("MX.Example 1; spf=pass smtp.mailfrom=acme.example", "mx.example spf=pass{smtp.mailfrom=acme.example}"),
        (
            "mx.google.com; dkim=pass header.i=@acme.example header.s=s1 header.b=AbC=; spf=pass (google.com: domain of \
             anna@acme.example designates 192.0.2.1 as permitted sender) smtp.mailfrom=anna@acme.example; \
             dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=acme.example",
            "mx.google.com dkim=pass{header.i=@acme.example,header.s=s1,header.b=AbC=} \
             spf=pass{smtp.mailfrom=anna@acme.example} dmarc=pass{header.from=acme.example}",
        ),
        (
            "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=pass (signature was verified) \
             header.d=acme.example;dmarc=pass action=none header.from=acme.example;compauth=pass reason=100",
            "- spf=pass{smtp.mailfrom=acme.example} dkim=pass{header.d=acme.example} \
             dmarc=pass{action=none,header.from=acme.example} compauth=pass{reason=100}",
        ),
        // RFC 8601 B.6: comments everywhere, nested and escaped.
        (
            "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy \
             (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
            "foo.example.net dkim=fail{policy.expired=1362471462}",
        ),
        (
            "mx.example; spf=pass (a (nested; dmarc=fail) one \\) still) smtp.mailfrom=x.example",
            "mx.example spf=pass{smtp.mailfrom=x.example}",
        ),
        (
            "\"mx.example\"; spf=fail reason=\"no; dmarc=pass\" smtp.mailfrom=\"a b\"@x.example",
            "mx.example spf=fail{reason=no; dmarc=pass,smtp.mailfrom=a b@x.example}",
        ),
        ("", "-"),
        (";;;", "-"),
        ("(unclosed mx.example; dmarc=pass", "-"),
    ] {
        assert_eq!(shown(value), want, "{value}");
    }
}
