"""Makes the files of this folder, once: what NumPy, ml_dtypes and safetensors write.

    pip install numpy==2.4.6 ml_dtypes==0.6.0 safetensors==0.8.0
    python make.py

The values that tests/files expects of them are in bits.txt, written from the arrays' own bytes, not read
back from the files: a line is the file, the tensor, the dtype as stored, the shape, and each element's bits
in row-major order, most significant digit first.
"""

import ml_dtypes
import numpy as np
from safetensors import TensorSpec, serialize

VALUES = [0.0, -0.0, 1.0, -1.5, 0.1, 6.0, -448.0, np.inf, -np.inf, np.nan, 2.0**-9, 3.0e38]
FLOATS = [np.float64, np.float32, np.float16]
CODES = {
    "bfloat16": ml_dtypes.bfloat16,
    "e4m3fn": ml_dtypes.float8_e4m3fn,
    "e5m2": ml_dtypes.float8_e5m2,
    "e8m0fnu": ml_dtypes.float8_e8m0fnu,
    "e4m3_ieee": ml_dtypes.float8_e4m3,
    "e3m4": ml_dtypes.float8_e3m4,
    "e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "e4m3b11fnuz": ml_dtypes.float8_e4m3b11fnuz,
    "e3m2fn": ml_dtypes.float6_e3m2fn,
    "e2m3fn": ml_dtypes.float6_e2m3fn,
    "e2m1fn": ml_dtypes.float4_e2m1fn,
}
INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]

lines = []


def expect(file, tensor, stored, array):
    """Notes an array's bits, as this machine (of either byte order) holds them."""
    plain = np.ascontiguousarray(array)
    native = plain.astype(plain.dtype.newbyteorder("=")) if plain.dtype.byteorder == ">" else plain
    words = native.reshape(-1).view(f"u{native.dtype.itemsize}")
    digits = 2 * native.dtype.itemsize
    shape = "x".join(map(str, array.shape)) or "scalar"
    bits = " ".join(f"{int(word):0{digits}x}" for word in words)
    lines.append(f"{file}\t{tensor}\t{stored}\t{shape}\t{bits}")


def npy(file, array, version=None, stored=None):
    with open(file, "wb") as out:
        np.lib.format.write_array(out, array, version=version)
    with open(file, "rb") as header:
        descr = header.read(120).split(b"'descr': '")[1].split(b"'")[0].decode()
    expect(file, "", descr, array)


def grid(dtype):
    with np.errstate(all="ignore"):
        return np.array(VALUES).astype(dtype).reshape(3, 4)


def main():
    with np.errstate(all="ignore"):
        for dtype in FLOATS:
            name = np.dtype(dtype).str[1:]
            npy(f"{name}.npy", grid(dtype))
            npy(f"{name}_big.npy", grid(dtype).astype(np.dtype(dtype).newbyteorder(">")))
        npy("fortran.npy", np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4)))
        npy("version2.npy", grid("f4"), version=(2, 0))
        npy("version3.npy", grid("f4"), version=(3, 0))
        npy("scalar.npy", np.array(0.1))
        npy("empty.npy", np.zeros((0, 3), "f4"))
        for name, dtype in CODES.items():
            npy(f"{name}.npy", grid(dtype))
        for name in INTEGERS:
            ends = np.iinfo(name)
            npy(f"{name}.npy", np.array([ends.min, 0, 1, 100, ends.max // 2 + 1 >> 1], name))
        npy("bool.npy", np.array([True, False]))

        arrays = {
            "weight": grid("f4"),
            "scale": np.array(0.5, "f2"),
            "codes": grid(ml_dtypes.float8_e4m3fn),
            "steps": np.arange(5, dtype=">i4"),
        }
        for file, save in [("stored.npz", np.savez), ("deflated.npz", np.savez_compressed)]:
            save(file, **arrays)
            for name, array in arrays.items():
                descr = np.lib.format.dtype_to_descr(array.dtype)
                expect(file, name, descr, array)

        tensors = {}
        # TensorSpec takes addresses: these arrays have to outlive it.
        kept = []

        def add(name, dtype, stored, array, shape=None, raw=None):
            # What the array's own type says, or the bytes given in its place.
            raw = np.ascontiguousarray(array if raw is None else raw)
            kept.append(raw)
            shape = array.shape if shape is None else shape
            tensors[name] = TensorSpec(
                dtype=dtype, shape=list(shape), data_ptr=raw.ctypes.data, data_len=raw.nbytes
            )
            expect("all.safetensors", name, stored, array)

        add("f64", "float64", "F64", grid("<f8"))
        add("f32", "float32", "F32", grid("<f4"))
        add("f16", "float16", "F16", grid("<f2"))
        add("bf16", "bfloat16", "BF16", grid(ml_dtypes.bfloat16))
        add("e4m3", "float8_e4m3fn", "F8_E4M3", grid(ml_dtypes.float8_e4m3fn))
        add("e5m2", "float8_e5m2", "F8_E5M2", grid(ml_dtypes.float8_e5m2))
        add("e4m3fnuz", "float8_e4m3fnuz", "F8_E4M3FNUZ", grid(ml_dtypes.float8_e4m3fnuz))
        add("e5m2fnuz", "float8_e5m2fnuz", "F8_E5M2FNUZ", grid(ml_dtypes.float8_e5m2fnuz))
        add("e8m0", "float8_e8m0fnu", "F8_E8M0", grid(ml_dtypes.float8_e8m0fnu))
        for name in INTEGERS:
            bits = str(8 * int(name[1]))
            full = {"i": "int", "u": "uint"}[name[0]] + bits
            add(name, full, name[0].upper() + bits, np.array([0, 1, 100], "<" + name))
        add("bool", "bool", "BOOL", np.array([True, False]))
        add("scalar", "float32", "F32", np.array(0.1, "<f4"))
        add("empty", "float32", "F32", np.zeros((0, 3), "<f4"))
        # Two codes a byte, the first in the low half, as PyTorch's float4_e2m1fn_x2 has them; the
        # shape given is that of the bytes, and safetensors writes that of the codes.
        fours = grid(ml_dtypes.float4_e2m1fn).view("u1")
        pairs = fours.reshape(-1, 2)
        bytes_ = pairs[:, 0] | pairs[:, 1] << 4
        add("e2m1", "float4_e2m1fn_x2", "F4", fours, [3, 2], bytes_.astype("u1"))
        with open("all.safetensors", "wb") as out:
            out.write(serialize(tensors, {"made by": "make.py"}))
        # The formats alone, for writing the same file.
        formats = {name: spec for name, spec in tensors.items() if spec.dtype[0] in "FB"}
        del formats["bool"]
        with open("formats.safetensors", "wb") as out:
            out.write(serialize(formats, {"made by": "make.py"}))

    with open("bits.txt", "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
