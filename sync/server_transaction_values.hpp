// Writes plain values into an object of a server-made changeset. Internal to
// server_transaction.
#pragma once

#include "changeset_assembler.hpp"
#include "errors.hpp"
#include "write_operation.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace ros::sync {

/// Writes into one object of `out`.
class value_writer {
public:
  using class_finder = std::function<result<const class_info*>(std::string_view name)>;
  /// The key that a link really leads to: see put_object::key.
  using link_resolver = std::function<result<primary_key>(const read_link& link)>;

  value_writer(changeset_assembler& out, class_finder classes, link_resolver links)
      : out_(out), classes_(std::move(classes)), links_(std::move(links)) {}

  /// Where instructions go: an object, a field of it, a path below.
  struct target {
    interned class_name;
    object_key key;
    interned field;
    path_type path{};
  };

  /// Makes what is at a target, of this column and as it is `present` (null: in a new
  /// object), what is wanted.
  result<void> write(const target& at, const column_info& column, const read_value* present,
                     const read_value& wanted);
  /// One edit of a collection that is as it is `present`.
  result<void> edit(const target& at, const column_info& column, const read_collection& present,
                    const edit_collection& edit);

private:
  result<void> write_single(const target& at, const column_info& column, const read_value* present,
                            const read_value& wanted, std::uint32_t prior_size);
  result<void> write_fields(const target& at, const column_info& column, const read_object* present,
                            const read_object& wanted);
  result<void> write_list(const target& at, const column_info& column,
                          const std::vector<read_entry>& present,
                          const std::vector<read_entry>& wanted);
  result<void> write_dictionary(const target& at, const column_info& column,
                                const std::vector<read_entry>& present,
                                const std::vector<read_entry>& wanted);
  result<void> write_set(const target& at, const std::vector<read_entry>& present,
                         const std::vector<read_entry>& wanted);

  result<void> insert(const target& at, const column_info& column, std::uint32_t index,
                      std::uint32_t prior_size, const read_value& wanted);
  void erase(const target& at, std::uint32_t index, std::uint32_t prior_size);
  void clear(const target& at, collection_type kind);
  result<void> change_set(opcode op, const target& at, const read_value& element);

  instruction& add(opcode op, const target& at);
  result<value> payload(const read_value& x);
  target below(const target& at, std::uint32_t index) const;
  target below(const target& at, std::string_view name);

  changeset_assembler& out_;
  class_finder classes_;
  link_resolver links_;
};

error bad_operation(std::string sentence);

} // namespace ros::sync
