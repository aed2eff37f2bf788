//! serde: there and back, and what is no number of the format refused.

use lowprec::number::{Binary16, OcpE4m3};
use lowprec::{Chop, Format, Lp, Rounding, Scoped};

#[test]
fn every_number_goes_there_and_back() {
    for code in 0..=0xffff {
        let x = Lp::<Binary16>::from_bits(code).unwrap();
        let json = serde_json::to_string(&x).unwrap();
        let back: Lp<Binary16> = serde_json::from_str(&json).unwrap();
        assert!(back.to_bits() == Ok(code) || x.is_nan() && back.is_nan(), "{json}");
    }
    let list = [0.5, -448.0].map(Lp::<OcpE4m3>::from_f64);
    assert_eq!(serde_json::to_string(&list).unwrap(), r#"["0.5","-448"]"#);
    for text in [r#"["0.5","-448"]"#, "[0.5,-448.0]", "[5e-1,-448]"] {
        assert_eq!(serde_json::from_str::<[Lp<OcpE4m3>; 2]>(text).unwrap(), list);
    }
}

#[test]
fn others_are_refused() {
    for text in
        ["0.1", "449", "-449", "1e-30", "\"0.1\"", "\"\"", "\"x\"", "null", "9007199254740993"]
    {
        assert!(serde_json::from_str::<Lp<OcpE4m3>>(text).is_err(), "{text}");
    }
    let message = serde_json::from_str::<Lp<OcpE4m3>>("0.1").unwrap_err().to_string();
    assert!(message.starts_with("0.1 given, only values of e4m3fn"), "{message}");
}

#[test]
fn a_scope_says_what_is_allowed() {
    let half = Chop::new(Format::BINARY16, Rounding::NearestEven);
    lowprec::with(&half, || {
        assert_eq!(serde_json::from_str::<Scoped>("0.25").unwrap().to_f64(), 0.25);
        assert!(serde_json::from_str::<Scoped>("0.1").is_err());
    });
}
