// Makes the plain values of sync/ travel in messages: keys, values, operations, schema.
// Included by the headers of messages that carry them.
#pragma once

#include "sync/touched_objects.hpp"
#include "sync/write_operation.hpp"

#include <caf/error.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/sec.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

namespace ros::sync {

/// A variant travels as its index and what it holds.
template <class Inspector, class... Ts>
typename Inspector::result_type inspect_variant(Inspector& f, std::variant<Ts...>& x) {
  auto index = static_cast<std::uint8_t>(x.index());
  if constexpr (Inspector::writes_state) {
    if (auto e = f(index))
      return e;
    typename Inspector::result_type outcome = caf::sec::invalid_argument;
    std::uint8_t at = 0;
    auto load = [&]<class T>(std::type_identity<T>) {
      if (at++ != index)
        return;
      T held{};
      outcome = f(held);
      if (!outcome)
        x = std::move(held);
    };
    (load(std::type_identity<Ts>{}), ...);
    return outcome;
  } else {
    return std::visit([&](auto& held) { return f(index, held); }, x);
  }
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, global_key& x) {
  return f(caf::meta::type_name("global_key"), x.hi, x.lo);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, object_id& x) {
  return f(caf::meta::type_name("object_id"), x.raw);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, uuid& x) {
  return f(caf::meta::type_name("uuid"), x.raw);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, primary_key& x) {
  return inspect_variant(f, x);
}

// -- values ----------------------------------------------------------------------

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_value& x);

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, timestamp& x) {
  return f(caf::meta::type_name("timestamp"), x.seconds, x.nanoseconds);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, float32& x) {
  return f(caf::meta::type_name("float32"), x.bits);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, float64& x) {
  return f(caf::meta::type_name("float64"), x.bits);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, decimal128& x) {
  return f(caf::meta::type_name("decimal128"), x.coefficient_hi, x.coefficient_lo, x.exponent,
           x.negative);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_link& x) {
  return f(caf::meta::type_name("read_link"), x.target_class, x.target_key, x.dead);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_binary& x) {
  return f(caf::meta::type_name("read_binary"), x.data);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_field& x) {
  return f(caf::meta::type_name("read_field"), x.name, x.value);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_object& x) {
  return f(caf::meta::type_name("read_object"), x.fields);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_gap& x) {
  return f(caf::meta::type_name("read_gap"), x.index, x.count);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_entry& x) {
  return f(caf::meta::type_name("read_entry"), x.key, x.value);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_collection& x) {
  return f(caf::meta::type_name("read_collection"), x.kind, x.size, x.entries, x.gaps);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_value& x) {
  return inspect_variant(f, x.data);
}

// -- operations --------------------------------------------------------------------

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, declare_class& x) {
  return f(caf::meta::type_name("declare_class"), x.name, x.key_field, x.key_type, x.key_nullable,
           x.kind);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, declare_property& x) {
  return f(caf::meta::type_name("declare_property"), x.class_name, x.name, x.type, x.collection,
           x.nullable, x.target_class);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, put_object& x) {
  return f(caf::meta::type_name("put_object"), x.class_name, x.key, x.fields, x.must_exist);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, erase_object& x) {
  return f(caf::meta::type_name("erase_object"), x.class_name, x.key);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, edit_collection& x) {
  return f(caf::meta::type_name("edit_collection"), x.class_name, x.key, x.field, x.what, x.index,
           x.entry, x.value);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, write_operation& x) {
  return inspect_variant(f, x);
}

// -- what is told --------------------------------------------------------------------

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, touched_object& x) {
  return f(caf::meta::type_name("touched_object"), x.class_name, x.key, x.what, x.fields);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, column_info& x) {
  return f(caf::meta::type_name("column_info"), x.name, x.type, x.collection, x.nullable,
           x.target_class, x.embedded);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, class_info& x) {
  return f(caf::meta::type_name("class_info"), x.name, x.kind, x.key_field, x.key_type,
           x.key_nullable, x.columns);
}

} // namespace ros::sync
