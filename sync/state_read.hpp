// Turns stored objects into what object_reader gives out. Internal to it.
#pragma once

#include "before_image.hpp"
#include "object_reader.hpp"
#include "state_cache.hpp"
#include "state_codec.hpp"
#include "state_schema.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace ros::sync {

/// Gives the content of a slot of the object being read.
class piece_fetcher {
public:
  virtual ~piece_fetcher() = default;
  /// Null if the piece is not to be had: its elements become a gap.
  virtual result<shared<piece>> fetch(const piece_slot& slot, collection_type kind) = 0;
};

/// From memory or the source.
class stored_pieces final : public piece_fetcher {
public:
  stored_pieces(const state_source& source, std::string_view row_key) : source_(source, row_key) {}
  result<shared<piece>> fetch(const piece_slot& slot, collection_type kind) override {
    return peek(slot, kind, source_);
  }

private:
  piece_source source_;
};

/// From a before-image, which need not hold all.
class image_pieces final : public piece_fetcher {
public:
  explicit image_pieces(const before_image& image) : image_(image) {}
  result<shared<piece>> fetch(const piece_slot& slot, collection_type kind) override;

private:
  const before_image& image_;
};

class value_reader {
public:
  /// `exists` answers whether there is an object with this row key.
  value_reader(const state_schema& schema, piece_fetcher& pieces,
               std::function<result<bool>(const std::string&)> exists)
      : schema_(schema), pieces_(pieces), exists_(std::move(exists)) {}

  /// `window` is that of the collections directly in fields of this object.
  result<read_object> object(const stored_object& object, const schema_class& info,
                             read_window window);

private:
  result<read_value> value(const stored_value& value, const schema_column& column,
                           read_window window);
  result<read_value> collection(const stored_collection& items, const schema_column& column,
                                read_window window);
  result<read_value> embedded(const stored_object& inner, const schema_column& column);
  result<read_value> link(const stored_link& link);

  const state_schema& schema_;
  piece_fetcher& pieces_;
  std::function<result<bool>(const std::string&)> exists_;
};

/// Visits the rows of existing objects with this prefix and keys >= `start`, overlay
/// (may be null) and source together in order of keys, until `visit` returns false.
/// Returns `outcome` if `visit` set it.
result<void>
visit_rows(const state_source& source, const object_cache* overlay, std::string_view prefix,
           std::string_view start,
           const std::function<bool(std::string_view row_key, const stored_row& row)>& visit,
           result<void>& outcome);

} // namespace ros::sync
