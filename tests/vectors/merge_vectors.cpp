// Golden vectors of the merge engine alone: two sequences of changesets in, what
// each becomes when merged with the other out, byte for byte.
#include "sync/changeset_codec.hpp"
#include "sync/merge.hpp"
#include "vectors/vector_changeset.hpp"
#include "vectors/vector_json.hpp"

#include <deque>
#include <string>

namespace ros::vectors {
namespace {

/// One side of a vector: the changesets and pointers to them.
struct side {
  std::deque<sync::merge_changeset> changesets;
  std::vector<sync::merge_changeset*> pointers;
};

side read_side(const json::value& v, checks& c) {
  side result;
  for (const auto& item : v.as_array()) {
    const auto& cs = item.at("cs");
    check_changeset(cs, c);
    auto parsed = sync::parse_changeset(sync::bytes(changeset_bytes(cs)));
    if (!parsed)
      throw std::runtime_error("input refused: " + parsed.error().message);
    result.changesets.push_back({.changes = std::move(*parsed),
                                 .timestamp = to_uint64(item.at("ts")),
                                 .origin = to_uint64(item.at("origin"))});
    result.pointers.push_back(&result.changesets.back());
  }
  return result;
}

void check_side(std::string_view name, const side& got, const json::array& expected,
                const json::array& inputs, checks& c) {
  c.expect(got.changesets.size() == expected.size(), "number of changesets");
  for (std::size_t i = 0; i < expected.size() && i < got.changesets.size(); ++i) {
    const auto input = changeset_bytes(inputs[i].at("cs"));
    const auto canonical = sync::encode_changeset(*sync::parse_changeset(sync::bytes(input)));
    const bool unchanged = expected[i].is_string();
    const auto wanted = unchanged ? canonical : changeset_bytes(expected[i]);
    const auto label = std::string(name) + " " + std::to_string(i);
    c.expect_bytes(label, sync::encode_changeset(got.changesets[i].changes), wanted);
    if (wanted != canonical)
      c.expect(got.changesets[i].changed, label + " is not marked as changed");
    if (!unchanged)
      check_changeset(expected[i], c);
  }
}

/// Merges the sides called `outer` (as majors) and `inner` (as minors).
void check_merge(const json::object& v, std::string_view outer, std::string_view inner, checks& c) {
  auto majors = read_side(v.at(outer), c);
  auto minors = read_side(v.at(inner), c);
  const auto merged = sync::merge(majors.pointers, minors.pointers);
  const auto& expected = v.at("expect").as_object();
  if (expected.contains("error")) {
    c.expect(!merged, "merged without error");
    return;
  }
  if (!merged) {
    c.fail("merge failed: " + merged.error().message);
    return;
  }
  check_side(outer, majors, expected.at(outer).as_array(), v.at(outer).as_array(), c);
  check_side(inner, minors, expected.at(inner).as_array(), v.at(inner).as_array(), c);
}

} // namespace

class two_sided_vectors : public suite {};
TEST_P(two_sided_vectors, merge_to_the_bytes_of_the_reference) {
  run_file(GetParam(),
           [](const json::object& v, checks& c) { check_merge(v, "majors", "minors", c); });
}
TEST_P(two_sided_vectors, merge_to_the_same_bytes_with_the_sides_exchanged) {
  run_file(GetParam(), [](const json::object& v, checks& c) {
    if (!has_tag(v, "not-symmetric"))
      check_merge(v, "minors", "majors", c);
  });
}
VECTOR_SUITE(two_sided_vectors, files("merge/two-sided"));

} // namespace ros::vectors
