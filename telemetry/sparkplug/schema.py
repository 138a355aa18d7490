"""The Sparkplug B payload as protobuf messages, from the specification's field numbers.

Built at import instead of generated, so that no compiler and no second
protobuf dependency is needed. Sparkplug B 3.0, section 6.4.1 (Google Protocol
Buffer schema).
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_F = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "uint32": _F.TYPE_UINT32,
    "uint64": _F.TYPE_UINT64,
    "float": _F.TYPE_FLOAT,
    "double": _F.TYPE_DOUBLE,
    "bool": _F.TYPE_BOOL,
    "string": _F.TYPE_STRING,
    "bytes": _F.TYPE_BYTES,
}
_PACKAGE = "org.eclipse.tahu.protobuf"

_VALUE = [("int_value", "uint32"), ("long_value", "uint64"), ("float_value", "float"), ("double_value", "double"),
          ("boolean_value", "bool"), ("string_value", "string")]  # fmt: skip


def _values(first: int, *more: tuple[str, str]) -> list[tuple[str, int, str]]:
    return [(f"{name}?", first + index, kind) for index, (name, kind) in enumerate([*_VALUE, *more])]


_MESSAGES: dict[str, list[tuple[str, int, str]]] = {
    "MetaData": [("is_multi_part", 1, "bool"), ("content_type", 2, "string"), ("size", 3, "uint64"), ("seq", 4, "uint64"),
                 ("file_name", 5, "string"), ("file_type", 6, "string"), ("md5", 7, "string"), ("description", 8, "string")],
    "PropertyValue": [("type", 1, "uint32"), ("is_null", 2, "bool"),
                      *_values(3, ("propertyset_value", "PropertySet"), ("propertysets_value", "PropertySetList"))],
    "PropertySet": [("keys*", 1, "string"), ("values*", 2, "PropertyValue")],
    "PropertySetList": [("propertyset*", 1, "PropertySet")],
    "DataSetValue": _values(1),
    "Row": [("elements*", 1, "DataSetValue")],
    "DataSet": [("num_of_columns", 1, "uint64"), ("columns*", 2, "string"), ("types*", 3, "uint32"), ("rows*", 4, "Row")],
    "Metric": [("name", 1, "string"), ("alias", 2, "uint64"), ("timestamp", 3, "uint64"), ("datatype", 4, "uint32"),
               ("is_historical", 5, "bool"), ("is_transient", 6, "bool"), ("is_null", 7, "bool"),
               ("metadata", 8, "MetaData"), ("properties", 9, "PropertySet"),
               *_values(10, ("bytes_value", "bytes"), ("dataset_value", "DataSet"))],
    "Payload": [("timestamp", 1, "uint64"), ("metrics*", 2, "Metric"), ("seq", 3, "uint64"), ("uuid", 4, "string"), ("body", 5, "bytes")],
}  # fmt: skip
"""`name*` is repeated, `name?` belongs to the `value` oneof. Templates are left to unknown fields."""


def _build() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="gigafloor_sparkplug_b.proto", package=_PACKAGE, syntax="proto2"
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for name, number, kind in fields:
            field = message.field.add(name=name.rstrip("*?"), number=number)
            field.label = _F.LABEL_REPEATED if name.endswith("*") else _F.LABEL_OPTIONAL
            if kind in _SCALARS:
                field.type = _SCALARS[kind]
            else:
                field.type = _F.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{kind}"
            if name.endswith("?"):
                if not message.oneof_decl:
                    message.oneof_decl.add(name="value")
                field.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


_CLASSES = _build()
Payload: Any = _CLASSES["Payload"]
Metric: Any = _CLASSES["Metric"]
DataSet: Any = _CLASSES["DataSet"]
PropertySet: Any = _CLASSES["PropertySet"]
