//! Format names as other libraries mean them, each table under its library's name.

use super::Format;
use crate::error::ParseError;

const CFLOAT_E4M3: &[&str] = &["q43", "e4m3", "fp8-e4m3", "E4M3"];
const E5M2: &[&str] = &["q52", "e5m2", "fp8-e5m2", "E5M2"];
const BFLOAT16: &[&str] = &["b", "bf16", "bfloat16"];
const TF32: &[&str] = &["t", "tf32", "TensorFloat-32"];
const BINARY16: &[&str] = &["h", "half", "fp16", "binary16"];
const BINARY32: &[&str] = &["s", "single", "fp32", "binary32"];
const BINARY64: &[&str] = &["d", "double", "fp64", "binary64"];

type Table<'a> = &'a [(Format, &'a [&'a str])];

fn look_up(what: &'static str, text: &str, table: Table<'_>) -> Result<Format, ParseError> {
    match table.iter().find(|row| row.1.contains(&text)) {
        Some(row) => Ok(row.0),
        None => {
            let names: Vec<&str> = table.iter().flat_map(|row| row.1).copied().collect();
            Err(ParseError::new(what, text, names.join(", ")))
        }
    }
}

impl Format {
    /// The format that MATLAB chop means by `options.format`. There `fp8-e4m3` has the largest
    /// finite number 240. (Its bfloat16 flushes subnormals by default; that is
    /// [`Format::with_subnormals`] here, and up to you.)
    ///
    /// # Errors
    ///
    /// For a name that is not in chop's table (`float_params.m` included); case matters, as there.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::from_chop_name("fp8-e4m3")?, Format::E4M3_IEEE);
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    pub fn from_chop_name(name: &str) -> Result<Self, ParseError> {
        const NAMES: Table<'static> = &[
            (Format::E4M3_IEEE, &["q43", "fp8-e4m3"]),
            (Format::OCP_E5M2, &["q52", "fp8-e5m2"]),
            (Format::BFLOAT16, &["b", "bfloat16"]),
            (Format::BINARY16, &["h", "half", "fp16"]),
            (Format::TF32, &["t", "tf32"]),
            (Format::BINARY32, &["s", "single", "fp32"]),
            (Format::BINARY64, &["d", "double", "fp64"]),
        ];
        look_up("MATLAB chop format", name, NAMES)
    }

    /// The format that Pychop means by `prec` (`FaultChop`, formerly `Chop`; `float_params`). There
    /// `fp8-e4m3` has the largest finite number 240.
    ///
    /// # Errors
    ///
    /// For a name that is not in Pychop's table; case matters, as there.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::from_pychop_name("q43")?, Format::E4M3_IEEE);
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    pub fn from_pychop_name(name: &str) -> Result<Self, ParseError> {
        const NAMES: Table<'static> = &[
            (Format::E4M3_IEEE, &["q43", "fp8-e4m3"]),
            (Format::OCP_E5M2, &["q52", "fp8-e5m2"]),
            (Format::BFLOAT16, &["b", "bf16", "bfloat16"]),
            (Format::BINARY16, &["h", "half", "fp16"]),
            (Format::TF32, &["t", "tf32"]),
            (Format::BINARY32, &["s", "single", "fp32"]),
            (Format::BINARY64, &["d", "double", "fp64"]),
        ];
        look_up("Pychop format", name, NAMES)
    }

    /// The format that CPFloat means by a name, of its C or its MEX interface. There E4M3 has every
    /// code of the top binade, so its largest finite number is 480, and NaN for overflow.
    ///
    /// # Errors
    ///
    /// For a name that is in neither table; case matters, as there.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::from_cpfloat_name("e4m3")?.largest_finite(), 480.0);
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    pub fn from_cpfloat_name(name: &str) -> Result<Self, ParseError> {
        let e4m3 = match Format::from_range(4, -6, 8) {
            Ok(range) => range.with_infinities(false).unwrap_or(range),
            Err(_) => unreachable!("p = 4 with exponents -6..=8 is a valid range"),
        };
        let names: Table<'_> = &[
            (e4m3, CFLOAT_E4M3),
            (Format::OCP_E5M2, E5M2),
            (Format::BFLOAT16, BFLOAT16),
            (Format::BINARY16, BINARY16),
            (Format::TF32, TF32),
            (Format::BINARY32, BINARY32),
            (Format::BINARY64, BINARY64),
        ];
        look_up("CPFloat format", name, names)
    }

    /// The format of an ml_dtypes (or NumPy) type name.
    ///
    /// # Errors
    ///
    /// For a name that is no floating-point type there.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::from_ml_dtypes_name("float8_e4m3")?, Format::E4M3_IEEE);
    /// assert_eq!(Format::from_ml_dtypes_name("float8_e4m3fn")?, Format::OCP_E4M3);
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    pub fn from_ml_dtypes_name(name: &str) -> Result<Self, ParseError> {
        const NAMES: Table<'static> = &[
            (Format::BFLOAT16, &["bfloat16"]),
            (Format::OCP_E2M1, &["float4_e2m1fn"]),
            (Format::OCP_E2M3, &["float6_e2m3fn"]),
            (Format::OCP_E3M2, &["float6_e3m2fn"]),
            (Format::E3M4, &["float8_e3m4"]),
            (Format::E4M3_IEEE, &["float8_e4m3"]),
            (Format::E4M3_B11_FNUZ, &["float8_e4m3b11fnuz"]),
            (Format::OCP_E4M3, &["float8_e4m3fn"]),
            (Format::E4M3_FNUZ, &["float8_e4m3fnuz"]),
            (Format::OCP_E5M2, &["float8_e5m2"]),
            (Format::E5M2_FNUZ, &["float8_e5m2fnuz"]),
            (Format::OCP_E8M0, &["float8_e8m0fnu"]),
            (Format::BINARY16, &["float16"]),
            (Format::BINARY32, &["float32"]),
            (Format::BINARY64, &["float64"]),
        ];
        look_up("ml_dtypes type", name, NAMES)
    }

    /// The format of a gfloat `FormatInfo` name, its P3109 names (`p3109_k8p3se`) included.
    ///
    /// # Errors
    ///
    /// For a name that is no floating-point format there, or a P3109 name outside the report.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::from_gfloat_name("p3109_k8p3se")?, "binary8p3se".parse()?);
    /// # Ok::<(), lowprec::error::ParseError>(())
    /// ```
    pub fn from_gfloat_name(name: &str) -> Result<Self, ParseError> {
        const NAMES: Table<'static> = &[
            (Format::BINARY64, &["binary64"]),
            (Format::BINARY32, &["binary32"]),
            (Format::BINARY16, &["binary16"]),
            (Format::BFLOAT16, &["bfloat16"]),
            (Format::OCP_E5M2, &["ocp_e5m2"]),
            (Format::OCP_E4M3, &["ocp_e4m3"]),
            (Format::OCP_E2M3, &["ocp_e2m3"]),
            (Format::OCP_E3M2, &["ocp_e3m2"]),
            (Format::OCP_E2M1, &["ocp_e2m1"]),
            (Format::OCP_E8M0, &["ocp_e8m0"]),
        ];
        if let Some(rest) = name.strip_prefix("p3109_k") {
            return format!("binary{rest}").parse();
        }
        look_up("gfloat format", name, NAMES)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Domain, Signedness};
    use super::*;

    type Lookup = fn(&str) -> Result<Format, ParseError>;

    const LOOKUPS: [Lookup; 5] = [
        Format::from_chop_name,
        Format::from_pychop_name,
        Format::from_cpfloat_name,
        Format::from_ml_dtypes_name,
        Format::from_gfloat_name,
    ];

    #[test]
    fn unknown_names_are_answered_with_the_whole_table() {
        for look_up in LOOKUPS {
            let message = look_up("fp9").unwrap_err().to_string();
            let (refused, choices) = message.split_once("; try ").expect("choices after the name");
            assert!(refused.ends_with("\"fp9\""), "{message}");
            for choice in choices.split(", ") {
                assert!(look_up(choice).is_ok(), "{choice:?} is offered but refused");
            }
        }
    }

    #[test]
    fn one_name_means_what_each_library_means_by_it() {
        let largest = |format: Result<Format, ParseError>| format.map(|f| f.largest_finite()).ok();
        assert_eq!(largest(Format::from_chop_name("fp8-e4m3")), Some(240.0));
        assert_eq!(largest(Format::from_pychop_name("fp8-e4m3")), Some(240.0));
        assert_eq!(largest(Format::from_cpfloat_name("fp8-e4m3")), Some(480.0));
        assert_eq!(largest(Format::from_ml_dtypes_name("float8_e4m3")), Some(240.0));
        assert_eq!(largest(Format::from_gfloat_name("ocp_e4m3")), Some(448.0));
    }

    #[test]
    fn case_matters_as_it_does_there() {
        for (look_up, name) in LOOKUPS.into_iter().zip(["H", "Half", "H", "Bfloat16", "BINARY16"]) {
            assert!(look_up(name).is_err(), "{name}");
        }
    }

    #[test]
    fn gfloat_names_reach_the_p3109_family_of_the_report_alone() {
        let f = Format::from_gfloat_name("p3109_k6p3sf").unwrap();
        assert_eq!(f, Format::p3109(6, 3, Signedness::Signed, Domain::Finite).unwrap());
        // gfloat admits a signed P = K, the report does not.
        assert!(Format::from_gfloat_name("p3109_k8p8se").is_err());
        assert!(Format::from_gfloat_name("p3109_k17p8se").is_err());
    }
}
