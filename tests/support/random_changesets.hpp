// Random changesets for testing the merge engine: two (or more) generators with
// different seeds write what devices with a common state could have written
// independently, in a small world where they meet all the time. Sizes of lists
// are right as far as one side can know; objects, fields and values need not
// exist, since merging does not look at state (merge-rules.md 20, 30).
#pragma once

#include "support/changeset_builder.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace ros::test {

struct random_changeset_options {
  int objects = 2;         ///< per class; fewer means more conflicts
  int schema_percent = 3;  ///< AddTable, AddColumn, EraseColumn, EraseTable
  int object_percent = 12; ///< CreateObject, EraseObject
  int odd_percent = 0;     ///< paths that contradict the other side's
};

class random_changesets {
public:
  explicit random_changesets(std::uint64_t seed, random_changeset_options options = {})
      : random_(seed), options_(options) {}

  /// The next changeset of this device, with `count` instructions.
  sync::changeset next(int count);

private:
  /// What one side knows of a list: an item may hold a list itself.
  struct list {
    std::vector<list> items;
  };

  void add_instruction();
  void update(const path& where, const payload& value, int default_percent);
  void change_schema();
  void change_object();
  void change_value();
  void change_mixed();
  void change_embedded();
  void change_dictionary();
  void change_set();
  void change_list(const path& where, list& l, const payload& value);
  void change_nested_list(const std::string& field, bool embedded);
  void change_oddly();

  list& list_at(const std::string& where);
  payload scalar();
  int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
  bool chance(int percent) { return pick(100) < percent; }
  void choose_object();

  std::mt19937_64 random_;
  random_changeset_options options_;
  changeset_builder work_;
  std::string class_; ///< of the object at hand
  sync::primary_key key_ = 0;
  std::map<std::string, list> lists_; ///< by class, key and path
};

} // namespace ros::test
