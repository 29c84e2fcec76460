// Assertion 12 of merge-rules.md 20: where the matrix of 11.1 has no rule, two
// instructions on one class, object, field and path leave each other alone.
#include "merge_helpers.hpp"
#include "sync/changeset_codec.hpp"

#include <gtest/gtest.h>

#include <array>

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;

/// Everything that can be said about T, T[1] and T[1].f; list instructions and
/// the others both on paths of one length.
changeset_builder instruction(int kind, const path& where) {
  changeset_builder t;
  switch (kind) {
  case 0:
    return t.add_table("T", value_type::integer);
  case 1:
    return t.erase_table("T");
  case 2:
    return t.create("T", 1);
  case 3:
    return t.erase("T", 1);
  case 4:
    return where.size() > 1 ? t.update("T", 1, where, 1, 3) : t.update("T", 1, where, 1);
  case 5:
    return t.add_integer("T", 1, where, 1);
  case 6:
    return t.add_column("T", "f", value_type::integer);
  case 7:
    return t.erase_column("T", "f");
  case 8:
    return t.insert("T", 1, where, 1, 3);
  case 9:
    return t.move("T", 1, where, 2, 3);
  case 10:
    return t.remove("T", 1, where, 3);
  case 11:
    return t.clear("T", 1, where, collection_type::list);
  case 12:
    return t.set_insert("T", 1, where, 1);
  default:
    return t.set_erase("T", 1, where, 1);
  }
}

constexpr std::array names{"AT", "ET", "CO", "EO", "UP", "AI", "AC",
                           "EC", "LI", "LM", "LE", "CL", "SI", "SE"};

/// The lower triangle of 11.1 with the peer rules, and N1 and N2: x = these two
/// interact at equal paths; in the order of `names`.
constexpr std::array<std::string_view, 14> matrix{
    "x",              // AT
    "xx",             // ET
    "-x-",            // CO
    "-xxx",           // EO
    "-x-xx",          // UP
    "-x-xx-",         // AI
    "-x----x",        // AC
    "-x--x-xx",       // EC
    "-x-xx---x",      // LI
    "-x-xx---xx",     // LM
    "-x-xx---xxx",    // LE
    "-x-xxx-----x",   // CL
    "-x-x-------xx",  // SI
    "-x-x-------xxx", // SE
};

constexpr bool is_list_kind(int kind) {
  return kind >= 8 && kind <= 10;
}

class merge_matrix : public testing::TestWithParam<int> {};

TEST_P(merge_matrix, 12_cells_without_rule_leave_both_byte_identical) {
  const int row = GetParam();
  for (int column = 0; column <= row; ++column) {
    const bool in_list = is_list_kind(row) || is_list_kind(column);
    const path where = in_list ? path{"f", 0} : path{"f"};
    const auto a = instruction(row, where);
    const auto b = instruction(column, where);
    for (const sync::origin_timestamp age : {5, 10, 20}) {
      const auto result = merge_copies({by_a(age, a)}, {by_b(10, b)});
      ASSERT_TRUE(result.outcome);
      const bool alone =
          sync::encode_changeset(result.majors[0]) == sync::encode_changeset(a.changes()) &&
          sync::encode_changeset(result.minors[0]) == sync::encode_changeset(b.changes());
      const bool rule =
          matrix.at(static_cast<std::size_t>(row)).at(static_cast<std::size_t>(column)) == 'x';
      EXPECT_EQ(alone, !rule) << names.at(static_cast<std::size_t>(row)) << " "
                              << names.at(static_cast<std::size_t>(column)) << " at " << age;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(rows, merge_matrix, testing::Range(0, 14), [](const auto& info) {
  return names.at(static_cast<std::size_t>(info.param));
});

} // namespace
} // namespace ros::test
