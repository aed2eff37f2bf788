//! The functions of the running executable: names with type parameters, from the debug information,
//! and instructions.

use std::collections::HashMap;

use gimli::{AttributeValue, Dwarf, EndianSlice, LittleEndian, Unit};
use iced_x86::{Decoder, DecoderOptions, Instruction};
use object::{Object, ObjectSection, ObjectSymbol};

type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// A function and its code.
pub struct Function {
    pub name: String,
    pub address: u64,
    pub code: Vec<Instruction>,
}

/// The functions whose mangled name contains `part`; nothing where the executable has no debug
/// information.
#[must_use]
pub fn functions(part: &str) -> Option<Vec<Function>> {
    let path = std::env::current_exe().expect("the path of the executable");
    let bytes = std::fs::read(&path).expect("the executable");
    let file = object::File::parse(&*bytes).expect("an ELF file");
    file.section_by_name(".debug_info")?;
    let names = names(&file).expect("debug information as DWARF has it");
    let functions = file.symbols().filter(|symbol| {
        symbol.size() > 0 && symbol.name().is_ok_and(|mangled| mangled.contains(part))
    });
    let read = functions.map(|symbol| {
        let (address, size) = (symbol.address(), symbol.size());
        let section = symbol.section_index().and_then(|index| file.section_by_index(index).ok());
        let bytes = section.and_then(|section| section.data_range(address, size).ok().flatten());
        let bytes = bytes.unwrap_or_else(|| panic!("{part} at {address:#x} has no code"));
        let code = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE).into_iter().collect();
        let name = names.get(&address);
        let name = name.unwrap_or_else(|| panic!("no debug information on {part} at {address:#x}"));
        Function { name: without_modules(name), address, code }
    });
    Some(read.collect())
}

/// `run<a::B<c::D>>` as `run<B<D>>`.
fn without_modules(name: &str) -> String {
    let parts = name.split_inclusive([' ', '<', ',', '>']);
    parts.map(|part| part.rsplit("::").next().unwrap_or(part)).collect()
}

/// Names by address. The symbols do not tell the instances of a generic function apart.
fn names(file: &object::File<'_>) -> gimli::Result<HashMap<u64, String>> {
    let section = |id: gimli::SectionId| {
        let data = file.section_by_name(id.name()).and_then(|section| section.data().ok());
        Ok::<_, gimli::Error>(EndianSlice::new(data.unwrap_or_default(), LittleEndian))
    };
    let dwarf = Dwarf::load(section)?;
    let mut names = HashMap::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next()? {
        let unit = dwarf.unit(header)?;
        let mut entries = unit.entries();
        while let Some((_, entry)) = entries.next_dfs()? {
            if entry.tag() != gimli::DW_TAG_subprogram {
                continue;
            }
            let address = match entry.attr_value(gimli::DW_AT_low_pc)? {
                Some(value) => dwarf.attr_address(&unit, value)?,
                None => None,
            };
            let name = entry.attr_value(gimli::DW_AT_name)?;
            if let (Some(address), Some(name)) = (address, name) {
                names.insert(address, text(&dwarf, &unit, name)?);
            }
        }
    }
    Ok(names)
}

fn text<'a>(
    dwarf: &Dwarf<Reader<'a>>,
    unit: &Unit<Reader<'a>>,
    value: AttributeValue<Reader<'a>>,
) -> gimli::Result<String> {
    Ok(dwarf.attr_string(unit, value)?.to_string_lossy().into_owned())
}
