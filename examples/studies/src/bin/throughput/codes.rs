//! Values to codes and back, and the crates that do the same work.

use std::cell::RefCell;
use std::hint::black_box;

use float8::F8E4M3;
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use lowprec::{Chop, Format, Rounding};
use minifloat::{F4E2M1FN, F8E4M3FN};

use crate::args::Args;
use crate::measure::{Meter, Row};
use crate::support::{BETWEEN, Buffer, DESTINATION, SOURCE, normal};

pub(crate) const TO_E4M3: &str = "f32 to e4m3fn codes";
pub(crate) const FROM_E4M3: &str = "e4m3fn codes to f32";
pub(crate) const TO_E2M1: &str = "f32 to e2m1fn codes";
pub(crate) const FROM_E2M1: &str = "e2m1fn codes to f32";
pub(crate) const PACK_E2M1: &str = "f32 to packed e2m1fn";
pub(crate) const UNPACK_E2M1: &str = "packed e2m1fn to f32";
pub(crate) const TO_F16: &str = "f32 to binary16 codes";
pub(crate) const FROM_F16: &str = "binary16 codes to f32";
pub(crate) const BINARY16: &str = "f32 to binary16, held in f32";
pub(crate) const BFLOAT16: &str = "f32 to bfloat16, held in f32";

/// The rows of the table and its columns: the work, and who does it.
pub(crate) const WORK: [&str; 10] = [
    TO_E4M3,
    FROM_E4M3,
    TO_E2M1,
    FROM_E2M1,
    PACK_E2M1,
    UNPACK_E2M1,
    TO_F16,
    FROM_F16,
    BINARY16,
    BFLOAT16,
];

pub(crate) const LOWPREC: &str = "lowprec";
pub(crate) const HALF: &str = "half 2.7";
pub(crate) const FLOAT8: &str = "float8 0.7";
pub(crate) const MINIFLOAT: &str = "minifloat 0.3";

pub(crate) const WHO: [&str; 4] = [LOWPREC, HALF, FLOAT8, MINIFLOAT];

pub(crate) fn name(work: &str, who: &str) -> String {
    format!("{work}, {who}")
}

/// What all rows read and write.
struct Data {
    values: Buffer<f32>,
    back: RefCell<Buffer<f32>>,
    codes: RefCell<Buffer<u8>>,
    wide: RefCell<Buffer<u16>>,
    halves: RefCell<Buffer<f16>>,
    brains: RefCell<Buffer<bf16>>,
    e4m3: Buffer<u8>,
    e2m1: Buffer<u8>,
}

impl Data {
    fn new(count: usize) -> Self {
        let values = Buffer::of(&normal::<f32>(count), SOURCE);
        // One by one, to compare the slices with.
        let coded = |format: Format| {
            let code = |x: &f32| format.encode(nearest(format).chop(*x).into());
            let codes = values.iter().map(|x| code(x).expect("rounded to the format") as u8);
            Buffer::of(&codes.collect::<Vec<_>>(), SOURCE)
        };
        Self {
            e4m3: coded(Format::OCP_E4M3),
            e2m1: coded(Format::OCP_E2M1),
            back: RefCell::new(Buffer::new(count, DESTINATION)),
            codes: RefCell::new(Buffer::new(count, BETWEEN)),
            wide: RefCell::new(Buffer::new(count, BETWEEN)),
            halves: RefCell::new(Buffer::new(count, BETWEEN)),
            brains: RefCell::new(Buffer::new(count, BETWEEN)),
            values,
        }
    }

    fn row<'a>(&'a self, work: &str, who: &str, run: impl FnMut() + 'a) -> Row<'a> {
        Row::new(name(work, who), self.values.len(), run)
    }

    /// From codes to values, whoever does it: after a look at whether they are the right ones.
    fn decoding<'a>(
        &'a self,
        (work, who): (&str, &str),
        codes: &'a [u8],
        decode: impl Fn(&[u8], &mut [f32]) + 'a,
    ) -> Row<'a> {
        let format = if work == FROM_E4M3 { Format::OCP_E4M3 } else { Format::OCP_E2M1 };
        let mut values = vec![0.0; codes.len()];
        decode(codes, &mut values);
        let right =
            codes.iter().zip(&values).all(|(c, x)| format.decode((*c).into()) == f64::from(*x));
        assert!(right, "{work}, {who}: other values");
        self.row(work, who, move || decode(black_box(codes), &mut self.back.borrow_mut()))
    }

    /// From values to codes.
    fn encoding<'a>(
        &'a self,
        (work, who): (&str, &str),
        codes: &[u8],
        encode: impl Fn(&[f32], &mut [u8]) + 'a,
    ) -> Row<'a> {
        encode(&self.values, &mut self.codes.borrow_mut());
        assert!(**self.codes.borrow() == *codes, "{work}, {who}: other codes");
        self.row(work, who, move || {
            encode(black_box(&self.values), &mut self.codes.borrow_mut());
        })
    }
}

const fn nearest(format: Format) -> Chop {
    Chop::new(format, Rounding::NearestEven)
}

/// Why nothing here is refused.
const FITS: &str = "numbers rounded to the format, and codes made from them";

/// A slice value by value, for crates without slices.
fn each<A: Copy, B>(convert: impl Fn(A) -> B) -> impl Fn(&[A], &mut [B]) {
    move |from, to| from.iter().zip(to).for_each(|(x, y)| *y = convert(*x))
}

pub(crate) fn measure(args: &Args, meter: &mut Meter) {
    let data = Data::new(args.elements);
    let mut rows = own(&data);
    rows.extend(by_value(&data));
    rows.extend(half_slices(&data));
    meter.take("codes", rows);
}

fn own(data: &Data) -> Vec<Row<'_>> {
    let encode = |format: Format| {
        move |from: &[f32], to: &mut [u8]| nearest(format).chop_into_codes(from, to).expect(FITS)
    };
    let decode = |format: Format| {
        move |from: &[u8], to: &mut [f32]| format.decode_slice(from, to).expect(FITS)
    };
    let chop = |format: Format| {
        move || nearest(format).chop_into(black_box(&data.values), &mut data.back.borrow_mut())
    };
    let mut rows = vec![
        data.encoding((TO_E4M3, LOWPREC), &data.e4m3, encode(Format::OCP_E4M3)),
        data.decoding((FROM_E4M3, LOWPREC), &data.e4m3, decode(Format::OCP_E4M3)),
        data.encoding((TO_E2M1, LOWPREC), &data.e2m1, encode(Format::OCP_E2M1)),
        data.decoding((FROM_E2M1, LOWPREC), &data.e2m1, decode(Format::OCP_E2M1)),
        data.row(TO_F16, LOWPREC, || {
            let to = &mut data.wide.borrow_mut();
            nearest(Format::BINARY16).chop_into_codes(black_box(&data.values), to).expect(FITS);
        }),
        data.row(FROM_F16, LOWPREC, || {
            let from = black_box(data.wide.borrow());
            Format::BINARY16.decode_slice(&from, &mut data.back.borrow_mut()).expect(FITS);
        }),
        data.row(BINARY16, LOWPREC, chop(Format::BINARY16)),
        data.row(BFLOAT16, LOWPREC, chop(Format::BFLOAT16)),
    ];
    rows.extend(packed(data));
    rows
}

/// Two codes a byte.
fn packed(data: &Data) -> [Row<'_>; 2] {
    const FP4: Format = Format::OCP_E2M1;
    let count = FP4.packed_len(data.values.len()).expect("fewer than the values");
    let mut packed = Buffer::<u8>::new(count, BETWEEN);
    nearest(FP4).chop_into_packed(&data.values, &mut packed).expect(FITS);
    let pairs = data.e2m1.chunks(2).map(|pair| pair[0] | pair.get(1).map_or(0, |high| high << 4));
    assert!(packed.iter().copied().eq(pairs), "{PACK_E2M1}: other codes");
    let source = Buffer::of(&packed, SOURCE);
    [
        data.row(PACK_E2M1, LOWPREC, move || {
            nearest(FP4).chop_into_packed(black_box(&data.values), &mut packed).expect(FITS);
        }),
        data.row(UNPACK_E2M1, LOWPREC, move || {
            FP4.decode_packed(black_box(&source), &mut data.back.borrow_mut()).expect(FITS);
        }),
    ]
}

fn by_value(data: &Data) -> Vec<Row<'_>> {
    let (e4m3, e2m1) = (&*data.e4m3, &*data.e2m1);
    let float8_codes = each(|x| F8E4M3::from_f32(x).to_bits());
    let minifloat_codes = each(|x| F8E4M3FN::from_f32(x).to_bits());
    let minifloat_fours = each(|x| F4E2M1FN::from_f32(x).to_bits());
    vec![
        data.encoding((TO_E4M3, FLOAT8), e4m3, float8_codes),
        data.encoding((TO_E4M3, MINIFLOAT), e4m3, minifloat_codes),
        data.encoding((TO_E2M1, MINIFLOAT), e2m1, minifloat_fours),
        data.decoding((FROM_E4M3, FLOAT8), e4m3, each(|c| F8E4M3::from_bits(c).to_f32())),
        data.decoding((FROM_E4M3, MINIFLOAT), e4m3, each(|c| F8E4M3FN::from_bits(c).to_f32())),
        data.decoding((FROM_E2M1, MINIFLOAT), e2m1, each(|c| F4E2M1FN::from_bits(c).to_f32())),
    ]
}

/// Into `half`'s types, and back, which leaves in `f32` what rounding to the format leaves there.
fn half_slices(data: &Data) -> Vec<Row<'_>> {
    let (mut halves, mut codes) =
        (vec![f16::ZERO; data.values.len()], vec![0_u16; data.values.len()]);
    halves.convert_from_f32_slice(&data.values);
    nearest(Format::BINARY16).chop_into_codes(&data.values, &mut codes).expect(FITS);
    assert!(halves.iter().map(|x| x.to_bits()).eq(codes), "{TO_F16}, {HALF}: other codes");
    vec![
        data.row(TO_F16, HALF, || {
            data.halves.borrow_mut().convert_from_f32_slice(black_box(&data.values));
        }),
        data.row(FROM_F16, HALF, || {
            let from = black_box(data.halves.borrow());
            from.convert_to_f32_slice(&mut data.back.borrow_mut());
        }),
        data.row(BINARY16, HALF, || {
            let halves = &mut **data.halves.borrow_mut();
            halves.convert_from_f32_slice(black_box(&data.values));
            black_box(halves).convert_to_f32_slice(&mut data.back.borrow_mut());
        }),
        data.row(BFLOAT16, HALF, || {
            let brains = &mut **data.brains.borrow_mut();
            brains.convert_from_f32_slice(black_box(&data.values));
            black_box(brains).convert_to_f32_slice(&mut data.back.borrow_mut());
        }),
    ]
}
