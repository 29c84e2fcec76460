#include "merge_rules.hpp"

// Peer rules for schema and objects: P1 to P5 and P8 to P12.

namespace ros::sync::merging {
namespace {

bool same_text(const participant& a, interned in_a, const participant& b, interned in_b) {
  return a.owner->number(in_a) == b.owner->number(in_b);
}

void drop_both(participant& a, participant& b) {
  a.dropped = true;
  b.dropped = true;
}

/// P1.
contradiction add_table_twice(participant& a, participant& b) {
  const auto& x = *a.source;
  const auto& y = *b.source;
  if (x.kind != y.kind)
    return "a class is declared with two kinds (P1)";
  if (x.kind != class_kind::embedded &&
      (!same_text(a, x.field, b, y.field) || x.type != y.type || x.nullable != y.nullable))
    return "a class is declared with two primary keys (P1)";
  drop_both(a, b);
  return nullptr;
}

/// P9. Key types of dictionaries are not compared.
contradiction add_column_twice(participant& a, participant& b) {
  const auto& x = *a.source;
  const auto& y = *b.source;
  if (x.type != y.type || x.nullable != y.nullable || x.collection != y.collection)
    return "a field is declared with two types (P9)";
  if (a.target_class != b.target_class)
    return "a link field is declared with two targets (P9)";
  drop_both(a, b);
  return nullptr;
}

bool same_column(const participant& a, const participant& b) {
  return same_class(a, b) && a.field == b.field;
}

/// What EraseTable does to instructions of its own path length (P2, P3) and,
/// beyond its class, to link columns (P8). N1 has seen to the rest.
outcome erase_table_meets(participant& erase, participant& other) {
  if (other.op == opcode::add_table && same_class(erase, other)) { // P2
    other.dropped = true;
  } else if (other.op == opcode::erase_table && same_class(erase, other)) { // P3
    drop_both(erase, other);
  } else if (other.op == opcode::add_column && other.target_class == erase.class_name) { // P8
    other.dropped = true;
    return {.column_erased = true};
  }
  return {};
}

/// P10, P11, P12. Quirk Q4: of the path instructions only Update is dropped.
void erase_column_meets(participant& erase, participant& other) {
  if (!same_column(erase, other))
    return;
  if (other.op == opcode::update || other.op == opcode::add_column)
    other.dropped = true;
  else if (other.op == opcode::erase_column)
    drop_both(erase, other);
}

/// P4, P5. Keeping the younger of two erases lets its side's "erase, create,
/// set" survive an older plain erase.
void erase_object_meets(participant& erase, participant& other) {
  if (!same_object(erase, other))
    return;
  if (other.op == opcode::create_object)
    other.dropped = true;
  else if (other.op == opcode::erase_object)
    drop_older(erase, other);
}

} // namespace

outcome peer_schema_and_objects(participant& a, participant& b) {
  if (a.op == opcode::erase_table)
    return erase_table_meets(a, b);
  if (b.op == opcode::erase_table)
    return erase_table_meets(b, a);
  if (a.op == opcode::add_table && b.op == opcode::add_table)
    return {same_class(a, b) ? add_table_twice(a, b) : nullptr};
  if (a.op == opcode::add_column && b.op == opcode::add_column)
    return {same_column(a, b) ? add_column_twice(a, b) : nullptr};
  if (a.op == opcode::erase_column)
    erase_column_meets(a, b);
  else if (b.op == opcode::erase_column)
    erase_column_meets(b, a);
  else if (a.op == opcode::erase_object)
    erase_object_meets(a, b);
  else if (b.op == opcode::erase_object)
    erase_object_meets(b, a);
  return {};
}

} // namespace ros::sync::merging
