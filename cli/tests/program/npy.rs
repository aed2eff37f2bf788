//! Files of `.npy`: any shape, either type and order, and broken ones.

use std::fs;
use std::path::Path;

use lowprec::{Chop, Format, Rounding, chop};
use ndarray::{Array, ArrayD, IxDyn, ShapeBuilder};

use super::Workplace;

fn read_npy<T: ndarray_npy::ReadableElement>(path: &Path) -> ArrayD<T> {
    ndarray_npy::read_npy(path).unwrap()
}

#[test]
fn npy_files_of_any_shape_come_back_in_kind() {
    let place = Workplace::new();
    let element = |i: usize| (i as f64 * 0.7 - 3.0) * 1.1;
    for shape in [vec![], vec![5], vec![2, 3], vec![2, 3, 2], vec![0, 4]] {
        let count: usize = shape.iter().product();
        let wide: ArrayD<f64> =
            Array::from_shape_vec(IxDyn(&shape), (0..count).map(element).collect()).unwrap();
        let narrow = wide.mapv(|x| x as f32);
        ndarray_npy::write_npy(place.path("wide.npy"), &wide).unwrap();
        ndarray_npy::write_npy(place.path("narrow.npy"), &narrow).unwrap();
        place.run("wide.npy -f bfloat16 -o wide_out.npy").succeeded();
        place.run("narrow.npy -f e4m3fn -o narrow_out.npy").succeeded();
        let rounded = wide.mapv(|x| chop(x, Format::BFLOAT16, Rounding::NearestEven));
        assert_eq!(read_npy::<f64>(&place.path("wide_out.npy")), rounded);
        let rounded = narrow.mapv(|x| chop(x, Format::OCP_E4M3, Rounding::NearestEven));
        assert_eq!(read_npy::<f32>(&place.path("narrow_out.npy")), rounded);
        place.run("narrow.npy -f e4m3fn --storage f64 -o widened.npy").succeeded();
        assert_eq!(read_npy::<f64>(&place.path("widened.npy")), rounded.mapv(f64::from));
    }
    let message = place.run("wide.npy -f e5m2 --storage f32 -o out.npy").refused(2);
    assert!(message.contains("twice"), "{message}");
}

#[test]
fn fortran_order_draws_in_logical_order() {
    let place = Workplace::new();
    let values: Vec<f64> = (0..35).map(|i| 1.0 + f64::from(i) / 97.0).collect();
    let plain: ArrayD<f64> = Array::from_shape_vec(IxDyn(&[5, 7]), values.clone()).unwrap();
    let mut fortran = ArrayD::<f64>::zeros(IxDyn(&[5, 7]).f());
    fortran.assign(&plain);
    ndarray_npy::write_npy(place.path("c.npy"), &plain).unwrap();
    ndarray_npy::write_npy(place.path("f.npy"), &fortran).unwrap();
    let mut wanted = values;
    Chop::new(Format::OCP_E5M2, Rounding::Stochastic).stream(7).chop_slice(&mut wanted);
    for name in ["c", "f"] {
        let options = "-f e5m2 -r stochastic --seed 7";
        place.run(&format!("{name}.npy {options} -o {name}_out.npy")).succeeded();
        let out = read_npy::<f64>(&place.path(&format!("{name}_out.npy")));
        assert_eq!(out.iter().copied().collect::<Vec<_>>(), wanted, "{name}");
    }
    let header = fs::read(place.path("f_out.npy")).unwrap();
    assert!(String::from_utf8_lossy(&header[..80]).contains("'fortran_order': True"));
}

#[test]
fn broken_and_foreign_npy_files_are_refused() {
    let place = Workplace::new();
    ndarray_npy::write_npy(place.path("bool.npy"), &ndarray::arr1(&[true, false])).unwrap();
    let message = place.run("bool.npy -f e5m2 -o out.npy").refused(2);
    assert!(["bool.npy", "b1"].iter().all(|part| message.contains(part)), "{message}");
    ndarray_npy::write_npy(place.path("int.npy"), &ndarray::arr1(&[9_i64, -2])).unwrap();
    place.run("int.npy -f e5m2 -o out.npy").succeeded();
    assert_eq!(read_npy::<f64>(&place.path("out.npy")), ndarray::arr1(&[8.0, -2.0]).into_dyn());
    ndarray_npy::write_npy(place.path("good.npy"), &ndarray::arr1(&[1.0, 2.0])).unwrap();
    let whole = fs::read(place.path("good.npy")).unwrap();
    for length in [6, 20, whole.len() - 1] {
        place.file("cut.npy", &whole[..length]);
        let message = place.run("cut.npy -f e5m2 -o out.npy").refused(2);
        assert!(message.contains("cut.npy"), "{message}");
    }
    assert!(place.run("good.npy --hex -f e5m2").refused(2).contains("--hex"));
}
