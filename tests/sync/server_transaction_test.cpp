// Transactions of the server itself (changesets.md 11, merge-rules.md 14): operations by
// name become a changeset, and only what is not so already.
#include "integrate_fixture.hpp"
#include "state_helpers.hpp"
#include "sync/object_reader.hpp"
#include "sync/server_transaction.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace ros::test {
namespace {

using namespace sync;

read_value text_of(std::string x) {
  return {std::move(x)};
}
read_value number(std::int64_t x) {
  return {x};
}
read_value link_of(std::string target, primary_key key) {
  return {read_link{std::move(target), std::move(key)}};
}
read_value items(collection_type kind, std::vector<read_value> values) {
  read_collection all{kind, values.size(), {}, {}};
  for (auto& x : values)
    all.entries.push_back({"", std::move(x)});
  return {std::move(all)};
}
read_value list(std::vector<read_value> values) {
  return items(collection_type::list, std::move(values));
}
read_value dictionary(std::vector<read_entry> entries) {
  return {read_collection{collection_type::dictionary, entries.size(), std::move(entries), {}}};
}

class server_transaction : public testing::Test {
protected:
  using operations = std::vector<write_operation>;

  server_transaction() {
    write({declare_class{"Note"}, // no primary key
           declare_class{"Place", "", value_type::global_key, false, class_kind::embedded},
           declare_class{"Person", "id", value_type::string},
           declare_property{"Note", "text", value_type::string},
           declare_property{"Place", "street", value_type::string},
           declare_property{"Place", "number", value_type::integer},
           declare_property{"Person", "age", value_type::integer},
           declare_property{"Person", "nick", value_type::string, collection_type::single, true},
           declare_property{"Person", "any", value_type::null},
           declare_property{"Person", "notes", value_type::link, collection_type::list, false,
                            "Note"},
           declare_property{"Person", "tags", value_type::string, collection_type::list},
           declare_property{"Person", "codes", value_type::integer, collection_type::set},
           declare_property{"Person", "marks", value_type::integer, collection_type::dictionary},
           declare_property{"Person", "home", value_type::link, collection_type::single, true,
                            "Place"},
           declare_property{"Person", "places", value_type::link, collection_type::list, false,
                            "Place"}});
  }

  /// Carries it out and commits.
  local_changes write(const operations& all) {
    auto done = server.integrator.transact(all, ++now);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    server.commit();
    return done ? *done : local_changes{};
  }
  /// It is refused, and changes nothing.
  std::string refuse(const operations& all) {
    const auto before = state_fixture::describe(server.state);
    const auto head = server.integrator.head();
    auto done = server.integrator.transact(all, ++now);
    EXPECT_FALSE(done);
    const auto entry = server.commit();
    EXPECT_TRUE(entry.entries.empty());
    EXPECT_TRUE(entry.state.empty());
    EXPECT_EQ(server.integrator.head(), head);
    EXPECT_EQ(state_fixture::describe(server.state), before);
    return done ? "" : done.error().message;
  }
  /// It holds already: no version.
  void expect_no_effect(const operations& all) {
    const auto head = server.integrator.head();
    EXPECT_FALSE(write(all).written);
    EXPECT_EQ(server.integrator.head(), head);
  }
  /// The instructions of the newest version.
  std::vector<instruction> newest() const {
    auto changes = parse_stored_changeset(server.history.entries().back().data);
    EXPECT_TRUE(changes);
    return changes ? changes->instructions : std::vector<instruction>{};
  }
  std::vector<opcode> opcodes() const {
    std::vector<opcode> all;
    for (const auto& i : newest())
      all.push_back(i.op);
    return all;
  }
  std::string field(const std::string& name, const primary_key& key = std::string{"a"}) {
    return state_fixture::field_of(server.state, "Person", key, name);
  }
  static put_object person(std::vector<read_field> fields) {
    return {"Person", std::string{"a"}, std::move(fields)};
  }

  memory_server server;
  origin_timestamp now = 100;
};

// -- versions --------------------------------------------------------------------

TEST_F(server_transaction, is_a_version_of_origin_zero_even_as_the_first_of_a_realm) {
  const auto& first = server.history.entries().front();
  EXPECT_EQ(first.version, 1u);
  EXPECT_EQ(first.origin, 0u);
  EXPECT_EQ(first.client_version, 0u);
  EXPECT_EQ(first.timestamp, 101u);
  auto sent = server.download(client_a, {0, 0});
  ASSERT_TRUE(sent);
  ASSERT_EQ(sent->entries.size(), 1u);
  EXPECT_EQ(sent->entries[0].origin, 1u);
}

TEST_F(server_transaction, is_encoded_so_that_a_client_would_be_believed_it) {
  write({person({{"age", number(3)}, {"tags", list({text_of("x"), text_of("y")})}})});
  // What the server stores is canonical and passes the parser for clients' uploads.
  for (const auto& entry : server.history.entries()) {
    auto changes = parse_changeset(entry.data);
    ASSERT_TRUE(changes) << changes.error().message;
    EXPECT_EQ(encode_changeset(*changes), entry.data.view());
  }
}

TEST_F(server_transaction, without_effect_makes_no_version) {
  const operations all{declare_class{"Person", "id", value_type::string},
                       declare_property{"Person", "age", value_type::integer},
                       person({{"age", number(4)},
                               {"nick", {}},
                               {"tags", list({text_of("x")})},
                               {"codes", items(collection_type::set, {number(2), number(1)})},
                               {"marks", dictionary({{"m", number(1)}})},
                               {"home", {read_object{{{"street", text_of("s")}}}}}}),
                       erase_object{"Person", std::string{"nobody"}}};
  EXPECT_TRUE(write(all).written);
  expect_no_effect(all);
  expect_no_effect({});
}

TEST_F(server_transaction, merges_with_what_a_client_uploads_on_an_older_version) {
  write({person({{"age", number(1)}, {"nick", text_of("old")}})});
  const auto base = server.integrator.head();
  write({person({{"age", number(2)}, {"tags", list({text_of("server")})}})});
  changeset_builder edit;
  edit.update("Person", std::string{"a"}, {"nick"}, "new")
      .insert("Person", std::string{"a"}, {"tags", 0}, "client", 0);
  ASSERT_TRUE(server.upload(message(client_a, {2, base}, {{2, base, 5000, edit}})));
  server.commit();
  EXPECT_EQ(field("age"), "2");
  EXPECT_EQ(field("nick"), R"("new")");
  EXPECT_NE(field("tags").find("server"), std::string::npos);
  EXPECT_NE(field("tags").find("client"), std::string::npos);
}

// -- schema ----------------------------------------------------------------------

TEST_F(server_transaction, refuses_declarations_that_contradict_the_schema) {
  refuse({declare_class{"Person", "id", value_type::integer}});
  refuse({declare_class{"Person", "name", value_type::string}});
  refuse({declare_class{"Person"}});
  refuse({declare_class{"Note", "id", value_type::string}});
  refuse({declare_class{"Place"}});
  refuse({declare_property{"Person", "age", value_type::string}});
  refuse({declare_property{"Person", "age", value_type::integer, collection_type::list}});
  refuse({declare_property{"Person", "age", value_type::integer, collection_type::single, true}});
  refuse({declare_property{"Person", "notes", value_type::link, collection_type::list, false,
                           "Person"}});
  refuse({declare_property{"Nothing", "age", value_type::integer}});
  refuse({declare_property{"Person", "x", value_type::link, collection_type::single, true,
                           "Nothing"}});
  refuse({declare_class{"Bad", "id", value_type::float64}});
  refuse({declare_class{std::string(58, 'x')}});
}

TEST_F(server_transaction, adds_a_property_to_a_class_that_is_there) {
  write({person({})});
  EXPECT_TRUE(write({declare_property{"Person", "more", value_type::boolean}}).written);
  EXPECT_EQ(opcodes(), std::vector{opcode::add_column});
  EXPECT_EQ(field("more"), "false");
}

// -- objects ---------------------------------------------------------------------

TEST_F(server_transaction, writes_only_properties_that_differ) {
  write({person({{"age", number(1)}, {"nick", text_of("n")}})});
  write({person({{"age", number(1)}, {"nick", text_of("m")}})});
  EXPECT_EQ(opcodes(), std::vector{opcode::update});
  write({person({{"nick", {}}})});
  EXPECT_EQ(field("nick"), "null");
}

TEST_F(server_transaction, erases_an_object_and_makes_it_anew) {
  write({person({{"age", number(1)}})});
  write({erase_object{"Person", std::string{"a"}}});
  EXPECT_EQ(opcodes(), std::vector{opcode::erase_object});
  EXPECT_EQ(field("age"), "absent");
  write({person({})});
  EXPECT_EQ(field("age"), "0");
}

TEST_F(server_transaction, operations_see_what_those_before_them_did) {
  write({person({{"age", number(1)}}), person({{"age", number(1)}}),
         erase_object{"Person", std::string{"a"}}, person({{"age", number(5)}})});
  EXPECT_EQ(field("age"), "5");
  EXPECT_EQ(opcodes(), (std::vector{opcode::create_object, opcode::update, opcode::erase_object,
                                    opcode::create_object, opcode::update}));
}

TEST_F(server_transaction, refuses_what_cannot_be_written_and_leaves_nothing_of_it) {
  write({person({{"age", number(1)}})});
  const auto with = [&](write_operation bad) {
    return refuse({person({{"age", number(77)}}), std::move(bad)});
  };
  EXPECT_TRUE(with(put_object{"Nothing", std::string{"a"}}).starts_with("operation 1: "));
  with(put_object{"Person", std::string{"b"}, {}, true});
  with(put_object{"Person", std::int64_t{1}});
  with(put_object{"Person", std::monostate{}});
  with(put_object{"Place", std::string{"a"}});
  with(person({{"unknown", number(1)}}));
  with(person({{"age", text_of("x")}}));
  with(person({{"age", {}}}));
  with(person({{"age", list({number(1)})}}));
  with(person({{"tags", number(1)}}));
  with(person({{"tags", items(collection_type::set, {number(1)})}}));
  with(person({{"tags", list({number(1)})}}));
  with(person({{"home", {read_object{{{"unknown", number(1)}}}}}}));
  with(person({{"age", {read_object{}}}}));
  with(person({{"notes", list({link_of("Person", std::string{"a"})})}}));
  with(person({{"any", list({number(1)})}}));
  with(erase_object{"Nothing", std::string{"a"}});
  with(edit_collection{"Person", std::string{"b"}, "tags"});
  with(edit_collection{"Person", std::string{"a"}, "age"});
  with(edit_collection{"Person", std::string{"a"}, "tags", edit_collection::action::insert, 1, "",
                       text_of("x")});
  with(edit_collection{"Person", std::string{"a"}, "tags", edit_collection::action::erase, 0});
  with(edit_collection{"Person", std::string{"a"}, "codes", edit_collection::action::assign, 0, "",
                       number(1)});
}

TEST_F(server_transaction, is_bounded) {
  refuse(operations(max_operations + 1, erase_object{"Person", std::string{"a"}}));
  const std::string big(1u << 20, 'x');
  EXPECT_NE(refuse({person({{"nick", text_of(big)}, {"tags", list({text_of(big)})}}),
                    put_object{"Person", std::string{"b"}, {{"nick", text_of(big)}}},
                    put_object{"Person", std::string{"c"}, {{"nick", text_of(big)}}}})
                .find("too large"),
            std::string::npos);
  refuse({person({{"nick", text_of(std::string(max_string_size + 1, 'x'))}})});
}

// -- objects without primary key ---------------------------------------------------

TEST_F(server_transaction, chooses_keys_for_new_objects_that_links_lead_to) {
  auto made = write({person({{"notes", list({link_of("Note", global_key{0, 7}),
                                             link_of("Note", global_key{0, 8})})}}),
                     put_object{"Note", global_key{0, 8}, {{"text", text_of("second")}}},
                     put_object{"Note", global_key{0, 7}, {{"text", text_of("first")}}}})
                  .made;
  ASSERT_EQ(made, (std::vector<global_key>{{1, 0}, {1, 1}}));
  EXPECT_EQ(state_fixture::field_of(server.state, "Note", made[0], "text"), R"("first")");
  EXPECT_EQ(state_fixture::field_of(server.state, "Note", made[1], "text"), R"("second")");
  EXPECT_EQ(write({put_object{"Note", global_key{0, 7}, {}}}).made,
            (std::vector<global_key>{{1, 2}}));
}

TEST_F(server_transaction, takes_keys_that_it_is_given_and_never_gives_one_twice) {
  write({put_object{"Note", global_key{1, 40}, {}}, put_object{"Note", global_key{5, 9}, {}}});
  write({erase_object{"Note", global_key{1, 40}}});
  EXPECT_EQ(write({put_object{"Note", global_key{0, 0}, {}}}).made,
            (std::vector<global_key>{{1, 41}}));
  refuse({put_object{"Note", global_key{1, std::uint64_t{1} << 32}, {}}});
  refuse({put_object{"Note", global_key{std::uint64_t{1} << 30, 1}, {}}});
}

// -- collections -----------------------------------------------------------------

TEST_F(server_transaction, replaces_a_list_by_as_little_as_possible) {
  const auto put = [&](std::vector<std::string> tags) {
    std::vector<read_value> values;
    for (auto& x : tags)
      values.push_back(text_of(std::move(x)));
    write({person({{"tags", list(std::move(values))}})});
  };
  put({"a", "b", "c", "d"});
  put({"a", "x", "c", "d"});
  EXPECT_EQ(opcodes(), std::vector{opcode::update});
  put({"a", "c", "d"});
  EXPECT_EQ(opcodes(), std::vector{opcode::array_erase});
  put({"a", "n", "m", "c", "d"});
  EXPECT_EQ(opcodes(), (std::vector{opcode::array_insert, opcode::array_insert}));
  EXPECT_EQ(field("tags"), R"(["a","n","m","c","d"])");
  put({"m", "d", "d", "d", "d", "d", "d"});
  EXPECT_EQ(field("tags"), R"(["m","d","d","d","d","d","d"])");
  put({"d"});
  EXPECT_EQ(field("tags"), R"(["d"])");
  put({});
  EXPECT_EQ(opcodes(), std::vector{opcode::clear});
  EXPECT_EQ(field("tags"), "[]");
}

TEST_F(server_transaction, replaces_sets_and_dictionaries) {
  write({person({{"codes", items(collection_type::set, {number(1), number(2)})},
                 {"marks", dictionary({{"a", number(1)}, {"b", number(2)}})}})});
  write({person({{"codes", items(collection_type::set, {number(3), number(2)})},
                 {"marks", dictionary({{"b", number(5)}, {"c", number(3)}})}})});
  EXPECT_EQ(opcodes(), (std::vector{opcode::set_erase, opcode::set_insert, opcode::update,
                                    opcode::update, opcode::update}));
  expect_no_effect({person({{"codes", items(collection_type::set, {number(2), number(3)})},
                            {"marks", dictionary({{"b", number(5)}, {"c", number(3)}})}})});
  write({person({{"codes", items(collection_type::set, {})}})});
  EXPECT_EQ(opcodes(), std::vector{opcode::clear});
}

TEST_F(server_transaction, writes_embedded_objects_by_field) {
  const auto place = [](std::string street, std::int64_t no) {
    return read_value{
        read_object{{{"street", text_of(std::move(street))}, {"number", number(no)}}}};
  };
  write({person({{"home", place("s", 1)}, {"places", list({place("p", 1), place("q", 2)})}})});
  EXPECT_EQ(field("home"), R"({"$obj":{"number":1,"street":"s"}})");
  EXPECT_EQ(field("places"),
            R"([{"$obj":{"number":1,"street":"p"}},{"$obj":{"number":2,"street":"q"}}])");
  write({person({{"home", {read_object{{{"number", number(9)}}}}},
                 {"places", list({place("p", 1), place("r", 2)})}})});
  EXPECT_EQ(opcodes(), (std::vector{opcode::update, opcode::update}));
  EXPECT_EQ(field("home"), R"({"$obj":{"number":9,"street":"s"}})");
  EXPECT_EQ(field("places"),
            R"([{"$obj":{"number":1,"street":"p"}},{"$obj":{"number":2,"street":"r"}}])");
  write({person({{"home", {}}})});
  EXPECT_EQ(field("home"), "null");
}

TEST_F(server_transaction, edits_collections_one_by_one) {
  using action = edit_collection::action;
  const primary_key a = std::string{"a"};
  write({person({})});
  const auto edit = [&](std::string name, action what, std::uint32_t index, std::string entry,
                        read_value value) {
    return edit_collection{"Person",        a, std::move(name), what, index, std::move(entry),
                           std::move(value)};
  };
  write({edit("tags", action::insert, 0, "", text_of("x")),
         edit("tags", action::insert, 1, "", text_of("z")),
         edit("tags", action::insert, 1, "", text_of("y")),
         edit("tags", action::assign, 0, "", text_of("w")), edit("tags", action::erase, 2, "", {}),
         edit("codes", action::insert, 0, "", number(3)),
         edit("codes", action::insert, 0, "", number(4)),
         edit("codes", action::erase, 0, "", number(3)),
         edit("marks", action::assign, 0, "k", number(1)),
         edit("marks", action::insert, 0, "l", number(2)),
         edit("marks", action::erase, 0, "k", {})});
  EXPECT_EQ(field("tags"), R"(["w","y"])");
  EXPECT_EQ(field("codes"), R"({"$set":[4]})");
  EXPECT_EQ(field("marks"), R"({"$dict":{"l":2}})");
  expect_no_effect({edit("tags", action::assign, 0, "", text_of("w")),
                    edit("codes", action::insert, 0, "", number(4)),
                    edit("codes", action::erase, 0, "", number(99)),
                    edit("marks", action::assign, 0, "l", number(2)),
                    edit("marks", action::erase, 0, "none", {})});
  write({edit("tags", action::clear, 0, "", {}), edit("marks", action::clear, 0, "", {})});
  EXPECT_EQ(opcodes(), (std::vector{opcode::clear, opcode::clear}));
  expect_no_effect({edit("tags", action::clear, 0, "", {})});
}

TEST_F(server_transaction, writes_every_type_of_value_into_mixed) {
  const std::vector<read_value> all{{std::int64_t{-1}},
                                    {true},
                                    text_of("t"),
                                    {read_binary{std::string("\0b", 2)}},
                                    {timestamp{5, 6}},
                                    {float32{0x3f800000}},
                                    {float64{0x3ff0000000000000}},
                                    {decimal128{0, 12, -1, true}},
                                    {object_id{{1, 2}}},
                                    {uuid{{3, 4}}},
                                    link_of("Person", std::string{"a"}),
                                    {}};
  for (const auto& x : all) {
    EXPECT_TRUE(write({person({{"any", x}})}).written) << x.data.index();
    expect_no_effect({person({{"any", x}})});
    object_reader reader{server.state};
    auto found = reader.find("Person", std::string{"a"});
    ASSERT_TRUE(found && *found);
    EXPECT_TRUE(holds_already((*found)->fields[1].value, x)) << x.data.index();
  }
}

} // namespace
} // namespace ros::test
