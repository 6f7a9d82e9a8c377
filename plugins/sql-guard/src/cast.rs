//! Types that a value is cast to, by what they make of it.

use sqlparser::ast::DataType;

/// A type that keeps a text as it is.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Text
        | DataType::String(None)
        | DataType::Varchar(None)
        | DataType::Char(None)
        | DataType::CharacterVarying(None)
        | DataType::CharVarying(None)
        | DataType::Nvarchar(None)
        | DataType::Binary(None) => true,
        // The enum is the parser's.
        _ => false,
    }
}

/// A type of numbers.
pub(crate) fn is_number(data_type: &DataType) -> bool {
    match data_type {
        DataType::Int(_)
        | DataType::Integer(_)
        | DataType::BigInt(_)
        | DataType::SmallInt(_)
        | DataType::TinyInt(_)
        | DataType::Int2(_)
        | DataType::Int4(_)
        | DataType::Int8(_)
        | DataType::Int64
        | DataType::Int32
        | DataType::Signed
        | DataType::Unsigned
        | DataType::Numeric(_)
        | DataType::Decimal(_)
        | DataType::Real
        | DataType::Float(_) => true,
        // Numbers of rows, of tables and of transactions.
        DataType::Custom(name, _) => {
            let name = name.0.last().and_then(|part| part.as_ident());
            name.is_some_and(|name| {
                ["oid", "xid", "xid8", "cid"]
                    .iter()
                    .any(|known| name.value.eq_ignore_ascii_case(known))
            })
        }
        // The enum is the parser's.
        _ => false,
    }
}
