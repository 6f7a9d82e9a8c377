//! A contract that is parsed, and how large and what called its types are.

#![expect(
    clippy::indexing_slicing,
    reason = "an arena has what its own ids name"
)]

use wit_parser::{Function, Handle, Resolve, SizeAlign, Type, TypeDefKind};

use crate::error::AbiError;
use crate::table::Constant;

/// What is asked about types and functions.
#[derive(Clone, Copy)]
pub(crate) struct Contract<'a> {
    pub(crate) resolve: &'a Resolve,
    pub(crate) sizes: &'a SizeAlign,
}

impl Contract<'_> {
    /// `caller-id`, or `node-kind` of a method.
    pub(crate) fn function_name(&self, interface: &str, function: &Function) -> String {
        match function.kind.resource() {
            Some(id) => {
                let resource = self.resolve.types[id].name.as_deref().unwrap_or_default();
                format!("{resource}-{}", function.item_name())
            }
            None => format!("{interface}-{}", function.name),
        }
    }

    /// The name of a type in the names of constants.
    pub(crate) fn name(&self, ty: &Type) -> Result<String, AbiError> {
        self.spelled(ty, &|outer, inner| format!("{outer}-{}", inner.join("-")))
    }

    /// A type as the contract writes it.
    pub(crate) fn told(&self, ty: &Type) -> Result<String, AbiError> {
        let told = self.spelled(ty, &|outer, inner| format!("{outer}<{}>", inner.join(", ")))?;
        Ok(format!("`{}`", told.replace("none", "_")))
    }

    fn spelled(
        &self,
        ty: &Type,
        nest: &dyn Fn(&str, &[String]) -> String,
    ) -> Result<String, AbiError> {
        let id = match ty {
            Type::Bool => return Ok("bool".to_owned()),
            Type::U8 => return Ok("u8".to_owned()),
            Type::U32 => return Ok("u32".to_owned()),
            Type::U64 => return Ok("u64".to_owned()),
            Type::S64 => return Ok("s64".to_owned()),
            Type::String => return Ok("string".to_owned()),
            Type::Id(id) => *id,
            other => return Err(AbiError::Unsupported(format!("{other:?}"))),
        };
        let definition = &self.resolve.types[id];
        if let Some(name) = &definition.name {
            return Ok(name.clone());
        }
        match &definition.kind {
            TypeDefKind::Type(ty) => self.spelled(ty, nest),
            TypeDefKind::Option(item) => Ok(nest("option", &[self.spelled(item, nest)?])),
            TypeDefKind::List(item) => Ok(nest("list", &[self.spelled(item, nest)?])),
            TypeDefKind::Result(result) => {
                let part = |ty: &Option<Type>| match ty {
                    Some(ty) => self.spelled(ty, nest),
                    None => Ok("none".to_owned()),
                };
                Ok(nest("result", &[part(&result.ok)?, part(&result.err)?]))
            }
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
                self.spelled(&Type::Id(*id), nest)
            }
            kind => Err(AbiError::Unsupported(kind.as_str().to_owned())),
        }
    }

    pub(crate) fn extent(&self, name: &str, ty: &Type) -> [Constant; 2] {
        [
            constant(format!("{name}-size"), self.size(ty)),
            constant(format!("{name}-align"), self.align(ty)),
        ]
    }

    pub(crate) fn size(&self, ty: &Type) -> usize {
        self.sizes.size(ty).size_wasm32()
    }

    pub(crate) fn align(&self, ty: &Type) -> usize {
        self.sizes.align(ty).align_wasm32()
    }
}

pub(crate) fn constant(name: String, value: usize) -> Constant {
    Constant { name, value }
}
