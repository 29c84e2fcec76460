// Assertion 1 of merge-rules.md 20: the worked examples E1 to E22 on a server with two
// clients. What is stored and kept as reciprocal is in merge_examples_test.cpp; here are
// the states that everybody ends with, in both orders of arrival.
#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/memory_server.hpp"
#include "support/model_client.hpp"
#include "support/state_json.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace ros::test {
namespace {

using sync::collection_type;
using sync::value_type;

changeset_builder t() {
  return {};
}

/// T[1] with a property of every kind; l = [a, b, c].
changeset_builder base() {
  auto b = t();
  b.add_embedded("E")
      .add_column("E", "x", value_type::integer, {.nullable = true})
      .add_column("E", "l", value_type::string, {.collection = collection_type::list})
      .add_table("U")
      .add_table("T")
      .add_column("T", "i", value_type::integer)
      .add_column("T", "s", value_type::string, {.nullable = true})
      .add_column("T", "l", value_type::string, {.collection = collection_type::list})
      .add_column("T", "set", value_type::integer, {.collection = collection_type::set})
      .add_column("T", "strings", value_type::string, {.collection = collection_type::set})
      .add_column("T", "d", value_type::integer,
                  {.collection = collection_type::dictionary, .nullable = true})
      .add_column("T", "e", value_type::link, {.nullable = true, .target = "E"})
      .add_column("T", "el", value_type::link, {.collection = collection_type::list, .target = "E"})
      .add_column("T", "m", value_type::null, {.nullable = true})
      .create("T", 1);
  for (int i = 0; i < 3; ++i)
    b.insert("T", 1, {"l", i}, std::string(1, static_cast<char>('a' + i)),
             static_cast<std::uint32_t>(i));
  return b;
}

// -- changes --------------------------------------------------------------------------

changeset_builder number(int n, bool is_default = false) {
  auto made = t().update("T", 1, {"i"}, n);
  return is_default ? made.as_default() : made;
}
changeset_builder insert(int at, const char* text, std::uint32_t n) {
  return t().insert("T", 1, {"l", at}, text, n);
}
changeset_builder move(int from, std::uint32_t to) {
  return t().move("T", 1, {"l", from}, to, 3);
}
changeset_builder remove(int at) {
  return t().remove("T", 1, {"l", at}, 3);
}
changeset_builder set_item(int at, const char* text) {
  return t().update("T", 1, {"l", at}, text, 3);
}
changeset_builder clear_list() {
  return t().clear("T", 1, {"l"}, collection_type::list);
}
/// Whatever it was, l is this then.
changeset_builder list(const std::string& letters) {
  auto b = clear_list();
  for (std::size_t i = 0; i < letters.size(); ++i)
    b.insert("T", 1, {"l", static_cast<int>(i)}, std::string(1, letters[i]),
             static_cast<std::uint32_t>(i));
  return b;
}
changeset_builder embedded(int x, const char* text) {
  return t()
      .update("T", 1, {"e"}, new_object())
      .update("T", 1, {"e", "x"}, x)
      .insert("T", 1, {"e", "l", 0}, text, 0);
}
changeset_builder mixed_list(int n) {
  return t()
      .update("T", 1, {"m"}, new_list())
      .clear("T", 1, {"m"}, collection_type::list)
      .insert("T", 1, {"m", 0}, n, 0);
}
changeset_builder mixed_dictionary() {
  return t()
      .update("T", 1, {"m"}, new_dictionary())
      .clear("T", 1, {"m"}, collection_type::dictionary)
      .update("T", 1, {"m", "k"}, 2);
}
changeset_builder two_embedded() {
  auto b = t();
  for (int i = 0; i < 2; ++i)
    b.insert("T", 1, {"el", i}, new_object(), static_cast<std::uint32_t>(i))
        .update("T", 1, {"el", i, "x"}, i);
  return b;
}
changeset_builder set_x(int at, int x) {
  return t().update("T", 1, {"el", at, "x"}, x);
}

// -- examples -------------------------------------------------------------------------

struct example {
  const char* name;
  changeset_builder before; ///< on top of base(), known to both
  sync::origin_timestamp a_time;
  changeset_builder a;
  sync::origin_timestamp b_time;
  changeset_builder b;
  changeset_builder result; ///< done to base() and `before` it gives the final state
};

void PrintTo(const example& e, std::ostream* out) {
  *out << e.name;
}

std::vector<example> examples() {
  const auto erase = t().erase("T", 1);
  const auto again = t().erase("T", 1).create("T", 1).update("T", 1, {"i"}, 7);
  const auto add = [](int n) { return t().add_integer("T", 1, {"i"}, n); };
  const auto set_clear = t().clear("T", 1, {"set"}, collection_type::set);
  const auto key = [](const char* k, const payload& v) { return t().update("T", 1, {"d", k}, v); };
  const auto object = [](int x) {
    return t().update("T", 1, {"e"}, new_object()).update("T", 1, {"e", "x"}, x);
  };
  const auto no_object = t().update("T", 1, {"e"}, null());
  const auto link = t().add_column("T", "u", value_type::link, {.nullable = true, .target = "U"});
  auto clear_and = [](const char* x) { return clear_list().insert("T", 1, {"l", 0}, x, 0); };
  return {
      {"e1", {}, 10, number(5), 20, number(7), number(7)},
      {"e1_equal_times", {}, 20, number(5), 20, number(7), number(7)},
      {"e2", {}, 10, number(5), 20, number(7, true), number(5)},
      {"e3",
       {},
       10,
       t().create("T", 2).update("T", 2, {"i"}, 5).as_default().update("T", 2, {"s"}, "x"),
       5,
       t().create("T", 2).update("T", 2, {"i"}, 7),
       t().create("T", 2).update("T", 2, {"i"}, 7).update("T", 2, {"s"}, "x")},
      {"e4", {}, 10, erase, 20, number(7).insert("T", 1, {"l", 0}, "x", 3), erase},
      {"e4_create", {}, 10, erase, 20, t().create("T", 1).update("T", 1, {"i"}, 7), erase},
      {"e5", {}, 10, erase, 20, again, again},
      {"e5_older", {}, 20, erase, 10, again, erase},
      {"e6_older", {}, 10, add(3), 5, number(100), number(103)},
      {"e6_younger", {}, 10, add(3), 20, number(100), number(100)},
      {"e6_both", {}, 10, add(3), 20, add(4), number(7)},
      {"e6_default", {}, 10, add(3), 20, number(100, true), number(103)},
      {"e7", {}, 10, insert(1, "A", 3), 20, insert(1, "B", 3), list("aABbc")},
      {"e7_swapped", {}, 20, insert(1, "A", 3), 10, insert(1, "B", 3), list("aBAbc")},
      {"e8", {}, 10, insert(1, "A", 3), 20, remove(1), list("aAc")},
      {"e9", {}, 20, set_item(1, "A"), 10, remove(1), list("ac")},
      {"e10", {}, 10, set_item(1, "A"), 20, insert(1, "B", 3), list("aBAc")},
      {"e11_same", {}, 10, remove(1), 20, remove(1), list("ac")},
      {"e11_other", {}, 10, remove(0), 20, remove(2), list("b")},
      {"e12_one_element", {}, 10, move(0, 2), 20, move(0, 1), list("bac")},
      {"e12_one_target", {}, 10, move(0, 1), 20, move(2, 1), list("cba")},
      {"e12_same", {}, 10, move(0, 2), 20, move(0, 2), list("bca")},
      {"e12_erase", {}, 10, move(0, 2), 20, remove(0), list("bc")},
      {"e12_insert", {}, 10, move(0, 2), 20, insert(2, "B", 3), list("bBca")},
      {"e12_update", {}, 10, move(0, 2), 20, set_item(0, "B"), list("bcB")},
      {"e13", {}, 10, clear_list(), 20, insert(3, "B", 3), list("")},
      {"e13_insert", {}, 10, clear_and("A"), 20, insert(3, "B", 3), list("A")},
      {"e13_both", {}, 10, clear_and("A"), 20, clear_and("B"), list("B")},
      {"e14", t().set_insert("T", 1, {"set"}, 1), 10, t().set_erase("T", 1, {"set"}, 1), 20,
       t().set_insert("T", 1, {"set"}, 1), t()},
      {"e14_clear", {}, 10, set_clear, 20, t().set_insert("T", 1, {"set"}, 2), set_clear},
      {"e15", key("k", 1), 10, key("k", erased()), 20, key("k", 2), key("k", 2)},
      {"e15_clear", key("k", 1), 10, t().clear("T", 1, {"d"}, collection_type::dictionary), 20,
       key("j", 2), key("k", erased())},
      {"e16",
       {},
       10,
       embedded(5, "A"),
       20,
       embedded(7, "B"),
       embedded(7, "A").insert("T", 1, {"e", "l", 1}, "B", 1)},
      {"e17", object(1), 10, no_object, 20, t().update("T", 1, {"e", "x"}, 5), no_object},
      {"e17_created", {}, 20, object(5), 10, no_object, no_object},
      {"e18_insert", two_embedded(), 10, t().insert("T", 1, {"el", 0}, new_object(), 2), 20,
       set_x(1, 5), set_x(1, 5).insert("T", 1, {"el", 0}, new_object(), 2)},
      {"e18_erase_first", two_embedded(), 10, t().remove("T", 1, {"el", 0}, 2), 20, set_x(1, 5),
       set_x(1, 5).remove("T", 1, {"el", 0}, 2)},
      {"e18_erase_second", two_embedded(), 10, t().remove("T", 1, {"el", 1}, 2), 20, set_x(1, 5),
       t().remove("T", 1, {"el", 1}, 2)},
      {"e19", {}, 10, mixed_list(1), 20, mixed_list(2), mixed_list(2)},
      {"e19_dictionary", {}, 10, mixed_list(1), 20, mixed_dictionary(), mixed_dictionary()},
      {"e19_number",
       {},
       10,
       mixed_list(1),
       20,
       t().update("T", 1, {"m"}, 9),
       t().update("T", 1, {"m"}, 9)},
      {"e19_swapped", {}, 20, mixed_list(1), 10, t().update("T", 1, {"m"}, 9), mixed_list(1)},
      {"e20",
       {},
       10,
       t().add_table("V").add_column("V", "f", value_type::integer),
       20,
       t().add_table("V")
           .add_column("V", "f", value_type::integer)
           .add_column("V", "g", value_type::string),
       t().add_table("V")
           .add_column("V", "f", value_type::integer)
           .add_column("V", "g", value_type::string)},
      {"e21", {}, 10, t().erase_table("U"), 20, link, t().erase_table("U")},
  };
}

/// A server and two clients that have base() and `before`.
class world {
public:
  explicit world(const changeset_builder& before) {
    for (const auto* made : std::initializer_list<const changeset_builder*>{&base_, &before})
      if (!made->changes().instructions.empty()) {
        EXPECT_TRUE(server_.integrator.integrate_local(made->changes(), 1));
        server_.commit();
      }
    download(a);
    download(b);
  }
  void commit(model_client& c, sync::origin_timestamp at, const changeset_builder& what) {
    const auto done = c.commit(at, client_bytes(what.changes()));
    ASSERT_TRUE(done) << done.error().message;
  }
  void upload(model_client& c) {
    const auto done = server_.upload(c.next_upload(10));
    ASSERT_TRUE(done) << done.error().message;
    server_.commit();
  }
  void download(model_client& c) {
    const auto scanned = server_.download(c.ident(), c.cursor());
    ASSERT_TRUE(scanned);
    const auto done = c.integrate(*scanned);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string server_content() { return text(server_.state); }
  static std::string content(model_client& c) { return text(c.state()); }

  model_client a{2};
  model_client b{3};

private:
  template <class State>
  static std::string text(State& state) {
    return boost::json::serialize(state_to_json(sync::object_reader(state))) +
           boost::json::serialize(schema_to_json(sync::object_reader(state)));
  }

  changeset_builder base_ = base();
  memory_server server_;
};

class example_assertion : public testing::TestWithParam<example> {};

TEST_P(example_assertion, 1_examples_end_in_the_stated_state) {
  const auto& e = GetParam();
  world expected(e.before);
  expected.commit(expected.a, 50, e.result);
  const auto wanted = world::content(expected.a);
  for (const bool a_first : {true, false}) {
    SCOPED_TRACE(a_first ? "first A" : "first B");
    world w(e.before);
    w.commit(w.a, e.a_time, e.a);
    w.commit(w.b, e.b_time, e.b);
    w.upload(a_first ? w.a : w.b);
    w.upload(a_first ? w.b : w.a);
    w.download(w.a);
    w.download(w.b);
    EXPECT_EQ(w.server_content(), wanted);
    EXPECT_EQ(world::content(w.a), wanted);
    EXPECT_EQ(world::content(w.b), wanted);
  }
}

INSTANTIATE_TEST_SUITE_P(every, example_assertion, testing::ValuesIn(examples()),
                         [](const auto& info) { return std::string{info.param.name}; });

TEST(example_divergence, 1_erases_of_two_strings_of_one_length_make_copies_differ) { // E22
  const auto erase = [](const char* x) { return t().set_erase("T", 1, {"strings"}, x); };
  const auto before =
      t().set_insert("T", 1, {"strings"}, "abc").set_insert("T", 1, {"strings"}, "xyz");
  const auto has = [](const std::string& content, const char* x) {
    return content.find('"' + std::string{x} + '"') != std::string::npos;
  };
  for (const bool a_first : {true, false}) {
    SCOPED_TRACE(a_first ? "first A" : "first B");
    world w(before);
    w.commit(w.a, 10, erase("abc"));
    w.commit(w.b, 20, erase("xyz"));
    w.upload(a_first ? w.a : w.b);
    w.upload(a_first ? w.b : w.a);
    w.download(w.a);
    w.download(w.b);
    EXPECT_EQ(has(w.server_content(), "abc"), !a_first);
    EXPECT_FALSE(has(world::content(w.a), "abc"));
    EXPECT_TRUE(has(world::content(w.b), "abc"));
    for (const auto& content : {w.server_content(), world::content(w.a), world::content(w.b)})
      EXPECT_FALSE(has(content, "xyz"));
  }
}

} // namespace
} // namespace ros::test
