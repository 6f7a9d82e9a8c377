//! How values come to the writer: every form that serde knows.

use std::fmt::Display;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::{Error, Result};

use super::{Array, Canonical, Object};
use crate::integer::EXACT_MAX;

impl<'a> Serializer for &'a mut Canonical {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Array<'a>;
    type SerializeTupleStruct = Array<'a>;
    type SerializeTupleVariant = Array<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    fn serialize_bool(self, value: bool) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_i8(self, value: i8) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_i16(self, value: i16) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_i32(self, value: i32) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_i64(self, value: i64) -> Result<()> {
        match value.unsigned_abs() > EXACT_MAX {
            true => self.number_as_text(&value),
            false => self.plain(&value),
        }
    }

    fn serialize_u8(self, value: u8) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_u16(self, value: u16) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_u32(self, value: u32) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_u64(self, value: u64) -> Result<()> {
        match value > EXACT_MAX {
            true => self.number_as_text(&value),
            false => self.plain(&value),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, _value: f64) -> Result<()> {
        Err(Error::custom("the record has no numbers with a fraction"))
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.plain(&value)
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        self.string(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.plain(&())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.string(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.text.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Array<'a>> {
        Ok(self.array(false))
    }

    fn serialize_tuple(self, _length: usize) -> Result<Array<'a>> {
        Ok(self.array(false))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Array<'a>> {
        Ok(self.array(false))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Array<'a>> {
        self.variant(variant)?;
        Ok(self.array(true))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Object<'a>> {
        Ok(self.object(false))
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Object<'a>> {
        Ok(self.object(false))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Object<'a>> {
        self.variant(variant)?;
        Ok(self.object(true))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        serde_json::Serializer::new(&mut self.text).collect_str(value)
    }
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.name(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.value(value)
    }

    fn end(self) -> Result<()> {
        self.finish()
    }
}

/// The traits of serde for objects that differ by their names alone.
macro_rules! objects {
    ($($form:ident),+) => {$(
        impl $form for Object<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<()> {
                self.name(name)?;
                self.value(value)
            }

            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )+};
}

objects!(SerializeStruct, SerializeStructVariant);

/// The traits of serde for arrays that differ by their names alone.
macro_rules! arrays {
    ($($form:ident :: $element:ident),+) => {$(
        impl $form for Array<'_> {
            type Ok = ();
            type Error = Error;

            fn $element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.element(value)
            }

            fn end(self) -> Result<()> {
                self.finish();
                Ok(())
            }
        }
    )+};
}

arrays!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);
