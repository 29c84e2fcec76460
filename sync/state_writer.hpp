// Turns a changed object into rows: decides what lies inline and what in pieces,
// splits pieces that grew too big. Internal to the object state.
#pragma once

#include "before_image.hpp"
#include "state_collection.hpp"
#include "state_store.hpp"
#include "state_value.hpp"

#include <string_view>
#include <vector>

namespace ros::sync {

struct object_node;

/// Appends the writes that bring the object's rows to the present state, and marks
/// everything in it as stored. `stored` = its row may exist already.
void write_row(std::string_view row_key, stored_row& row, bool stored,
               std::vector<state_mutation>& out);

/// The image of node.before, where node.row has not been written yet. Its key is the
/// whole row key and its table name is empty: who knows the schema completes it.
before_image make_before_image(const object_node& node);

} // namespace ros::sync
