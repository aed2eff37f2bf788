//! Files of `.npy`: any shape, either type and order, and broken ones.

use std::fs;

use lowprec::{Chop, Format, Rounding, chop};

use super::Workplace;

/// The bytes that NumPy writes: version 1, a header padded to 128 bytes in all, the elements as given.
fn npy(descr: &str, fortran: bool, shape: &[usize], elements: &[u8]) -> Vec<u8> {
    let shape = match shape {
        [] => "()".to_owned(),
        [n] => format!("({n},)"),
        [m, n] => format!("({m}, {n})"),
        [k, m, n] => format!("({k}, {m}, {n})"),
        _ => unreachable!("three dimensions are enough"),
    };
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    file.extend(format!("{header:117}\n").as_bytes());
    assert_eq!(file.len(), 128);
    file.extend(elements);
    file
}

fn wide(elements: &[f64]) -> Vec<u8> {
    elements.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn narrow(elements: &[f32]) -> Vec<u8> {
    elements.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// Header and elements of a file of version 1.
fn taken_apart(file: &[u8]) -> (String, Vec<u8>) {
    assert!(file.starts_with(b"\x93NUMPY\x01\x00"));
    let end = 10 + usize::from(file[8]) + 256 * usize::from(file[9]);
    assert!(end.is_multiple_of(64) && file[end - 1] == b'\n');
    (String::from_utf8(file[10..end].to_vec()).unwrap(), file[end..].to_vec())
}

#[test]
fn npy_files_of_any_shape_come_back_in_kind() {
    let place = Workplace::new();
    let element = |i: usize| (i as f64 * 0.7 - 3.0) * 1.1;
    for shape in [vec![], vec![5], vec![2, 3], vec![2, 3, 2], vec![0, 4]] {
        let count: usize = shape.iter().product();
        let doubles: Vec<f64> = (0..count).map(element).collect();
        let singles: Vec<f32> = doubles.iter().map(|x| *x as f32).collect();
        place.file("wide.npy", npy("<f8", false, &shape, &wide(&doubles)));
        place.file("narrow.npy", npy("<f4", false, &shape, &narrow(&singles)));
        place.run("wide.npy -f bfloat16 -o wide_out.npy").succeeded();
        place.run("narrow.npy -f e4m3fn -o narrow_out.npy").succeeded();
        let to_bfloat16 = |x: &f64| chop(*x, Format::BFLOAT16, Rounding::NearestEven);
        let rounded = wide(&doubles.iter().map(to_bfloat16).collect::<Vec<_>>());
        // Byte for byte what NumPy would have written.
        let expected = taken_apart(&npy("<f8", false, &shape, &rounded));
        let written = taken_apart(&fs::read(place.path("wide_out.npy")).unwrap());
        assert_eq!(written.0.trim_end(), expected.0.trim_end());
        assert_eq!(written.1, expected.1);
        let to_e4m3 = |x: &f32| chop(*x, Format::OCP_E4M3, Rounding::NearestEven);
        let rounded: Vec<f32> = singles.iter().map(to_e4m3).collect();
        let written = taken_apart(&fs::read(place.path("narrow_out.npy")).unwrap());
        assert!(written.0.contains("'<f4'"));
        assert_eq!(written.1, narrow(&rounded));
        place.run("narrow.npy -f e4m3fn --storage f64 -o widened.npy").succeeded();
        let written = taken_apart(&fs::read(place.path("widened.npy")).unwrap());
        let widened: Vec<f64> = rounded.into_iter().map(f64::from).collect();
        assert!(written.0.contains("'<f8'"));
        assert_eq!(written.1, wide(&widened));
    }
    let message = place.run("wide.npy -f e5m2 --storage f32 -o out.npy").refused(2);
    assert!(message.contains("twice"), "{message}");
}

#[test]
fn fortran_order_draws_in_logical_order() {
    let place = Workplace::new();
    let values: Vec<f64> = (0..35).map(|i| 1.0 + f64::from(i) / 97.0).collect();
    // Five rows of seven; column after column in Fortran's order.
    let columns = |values: &[f64]| -> Vec<f64> {
        (0..7).flat_map(|j| (0..5).map(move |i| 7 * i + j)).map(|at| values[at]).collect()
    };
    place.file("c.npy", npy("<f8", false, &[5, 7], &wide(&values)));
    place.file("f.npy", npy("<f8", true, &[5, 7], &wide(&columns(&values))));
    let mut wanted = values;
    Chop::new(Format::OCP_E5M2, Rounding::Stochastic).stream(7).chop_slice(&mut wanted);
    for (name, order, wanted) in [
        ("c", "'fortran_order': False", wide(&wanted)),
        ("f", "'fortran_order': True", wide(&columns(&wanted))),
    ] {
        let options = "-f e5m2 -r stochastic --seed 7";
        place.run(&format!("{name}.npy {options} -o {name}_out.npy")).succeeded();
        let (header, elements) =
            taken_apart(&fs::read(place.path(&format!("{name}_out.npy"))).unwrap());
        assert_eq!(elements, wanted, "{name}");
        assert!(header.contains(order), "{header}");
    }
}

#[test]
fn the_other_byte_order_and_later_versions_are_read() {
    let place = Workplace::new();
    let values = [0.3_f32, -5.1, 1e9];
    let swapped: Vec<u8> = values.iter().flat_map(|x| x.to_be_bytes()).collect();
    place.file("big.npy", npy(">f4", false, &[3], &swapped));
    place.run("big.npy -f e2m1fn -o big_out.npy").succeeded();
    let (header, elements) = taken_apart(&fs::read(place.path("big_out.npy")).unwrap());
    assert!(header.contains("'<f4'"), "{header}");
    assert_eq!(elements, narrow(&[0.5, -6.0, 6.0]));

    // Version 2 has four bytes of length.
    let first = npy("<f4", false, &[3], &narrow(&values));
    let second = [&b"\x93NUMPY\x02\x00\x76\x00\x00\x00"[..], &first[10..]].concat();
    place.file("second.npy", second);
    place.run("second.npy -f e2m1fn -o second_out.npy").succeeded();
    assert_eq!(
        fs::read(place.path("second_out.npy")).unwrap(),
        fs::read(place.path("big_out.npy")).unwrap()
    );
}

#[test]
fn broken_and_foreign_npy_files_are_refused() {
    let place = Workplace::new();
    let elements: Vec<u8> = [1_i64, 2].iter().flat_map(|x| x.to_le_bytes()).collect();
    place.file("int.npy", npy("<i8", false, &[2], &elements));
    let message = place.run("int.npy -f e5m2 -o out.npy").refused(2);
    assert!(["int.npy", "i8", "f4"].iter().all(|part| message.contains(part)), "{message}");
    let whole = npy("<f8", false, &[2], &wide(&[1.0, 2.0]));
    place.file("good.npy", &whole);
    for length in [6, 20, whole.len() - 1] {
        place.file("cut.npy", &whole[..length]);
        let message = place.run("cut.npy -f e5m2 -o out.npy").refused(2);
        assert!(message.contains("cut.npy"), "{message}");
    }
    place.file("long.npy", [&whole[..], b"more"].concat());
    assert!(place.run("long.npy -f e5m2 -o out.npy").refused(2).contains("20 bytes"));
    for header in [
        "",
        "{}",
        "{'descr': '<f8'}",
        "[1]",
        "{'descr': '<f8', 'fortran_order': 1, 'shape': (2,), }",
    ] {
        let strange =
            [&b"\x93NUMPY\x01\x00\x76\x00"[..], format!("{header:117}\n").as_bytes()].concat();
        place.file("strange.npy", strange);
        let message = place.run("strange.npy -f e5m2 -o out.npy").refused(2);
        assert!(message.contains("strange.npy"), "{message}");
    }
    assert!(place.run("good.npy --hex -f e5m2").refused(2).contains("--hex"));
}
