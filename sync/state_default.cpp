#include "state_default.hpp"

namespace ros::sync {

stored_value default_value(const schema_column& column) {
  if (column.collection != collection_type::single) {
    return shared<stored_collection>(new stored_collection(column.collection));
  }
  if (column.nullable) {
    return {};
  }
  switch (column.type) {
  case value_type::integer:
    return std::int64_t{0};
  case value_type::boolean:
    return false;
  case value_type::string:
    return stored_string{};
  case value_type::binary:
    return stored_binary{};
  case value_type::timestamp:
    return timestamp{};
  case value_type::float32:
    return float32{};
  case value_type::float64:
    return float64{};
  case value_type::decimal:
    return decimal128{};
  case value_type::object_id:
    return object_id{};
  case value_type::uuid:
    return uuid{};
  default:
    return {};
  }
}

} // namespace ros::sync
