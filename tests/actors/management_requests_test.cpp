// What requests in `/~/__management` ask for, and how permissions look where users see them.
#include "actors/auth_errors.hpp"
#include "actors/errors.hpp"
#include "actors/management_requests.hpp"
#include "actors/object_fields.hpp"
#include "actors/permission_keeper.hpp"

#include <gtest/gtest.h>

namespace ros::actors {
namespace {

using sync::read_object;

const caller jane{"jane", false};

read_object object(std::vector<sync::read_field> fields) {
  return {std::move(fields)};
}
sync::read_value text(const char* x) {
  return {std::string{x}};
}

std::int64_t code_of(const std::string& class_name, const read_object& x,
                     const std::string& id = "0123456789abcdef") {
  const auto request = read_request(class_name, id, x, jane);
  const auto* outcome = request ? std::get_if<management_outcome>(&request->command) : nullptr;
  return outcome ? outcome->code : 0;
}

TEST(management_requests, an_answered_request_is_never_looked_at_again) {
  auto x = object({{"statusCode", {std::int64_t{0}}}, {"realmUrl", text("/~/a")}});
  EXPECT_FALSE(read_request(management_class::change, "1", x, jane));
  x.fields[0].value = {};
  EXPECT_TRUE(read_request(management_class::change, "1", x, jane));
}

TEST(management_requests, a_change_carries_what_the_client_says) {
  const auto request = read_request(management_class::change, "1",
                                    object({{"realmUrl", text("realm://host:9080/~/a")},
                                            {"userId", text("paul")},
                                            {"mayRead", {true}},
                                            {"mayWrite", {}},
                                            {"mayManage", {false}},
                                            {"createdAt", date_value(5)}}),
                                    jane);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->created_ms, 5);
  const auto& wish = std::get<change_permission>(request->command);
  EXPECT_EQ(wish.path, "/jane/a");
  EXPECT_EQ(wish.whom.user_id, "paul");
  EXPECT_EQ(wish.read, true);
  EXPECT_FALSE(wish.write);
  EXPECT_EQ(wish.manage, false);
  EXPECT_EQ(wish.by.user_id, "jane");
  const auto all = read_request(management_class::change, "1",
                                object({{"realmUrl", text("*")},
                                        {"userId", text("")},
                                        {"metadataKey", text("email")},
                                        {"metadataValue", text("p@x")}}),
                                jane);
  EXPECT_EQ(std::get<change_permission>(all->command).path, "*");
  EXPECT_EQ(std::get<change_permission>(all->command).whom.metadata_value, "p@x");
}

TEST(management_requests, what_is_missing_or_malformed_has_a_code) {
  const auto* change = management_class::change;
  const auto* offer = management_class::offer;
  EXPECT_EQ(code_of(change, object({{"userId", text("p")}})), 602);
  EXPECT_EQ(code_of(change, object({{"realmUrl", text("/~/a")}})), 602);
  EXPECT_EQ(code_of(change, object({{"realmUrl", text("/a//b")}, {"userId", text("p")}})), 601);
  EXPECT_EQ(code_of(change, object({{"realmUrl", {std::int64_t{3}}}, {"userId", text("p")}})), 602)
      << "a property of another type";
  EXPECT_EQ(code_of(offer, object({{"realmUrl", text("*")}})), 601);
  EXPECT_EQ(code_of(offer, object({{"realmUrl", text("/~/a")}, {"expiresAt", date_value(-5)}})),
            701);
  EXPECT_EQ(code_of(management_class::response, object({{"token", text("")}})), 602);
}

TEST(management_requests, refusals_become_codes_that_old_sdks_know) {
  const std::vector<std::pair<caf::error, std::int64_t>> table{
      {caf::make_error(auth_ec::not_shareable), 601},
      {caf::make_error(auth_ec::realm_not_found), 601},
      {caf::make_error(auth_ec::no_recipient), 601},
      {caf::make_error(auth_ec::bad_parameter), 601},
      {caf::make_error(auth_ec::unknown_offer), 601},
      {caf::make_error(ec::denied), 614},
      {caf::make_error(auth_ec::user_disabled), 614},
      {caf::make_error(auth_ec::offer_expired), 701},
      {caf::make_error(auth_ec::offer_ambiguous), 702},
      {caf::make_error(ec::unavailable), 801},
  };
  for (const auto& [reason, code] : table) {
    EXPECT_EQ(refused_outcome(reason).code, code);
    EXPECT_TRUE(refused_outcome(reason).message.ends_with('.'));
  }
}

// -- what users see -----------------------------------------------------------------

permission_record row(const char* user, const char* path, rights allowed) {
  return {user, path, allowed, 7};
}

TEST(permission_mirror, a_user_sees_its_rows_and_those_on_its_realms) {
  permission_list listed;
  listed.rows = {
      {row("jane", "/paul/x", read_only), "paul"}, {row("jane", "/paul/y", no_rights), "paul"},
      {row("", "/shared", read_only), ""},         {row("otto", "/jane/a", read_write), "jane"},
      {row("", "/jane/a", read_write), "jane"},    {row("otto", "/paul/z", read_write), "paul"}};
  std::string seen;
  for (const auto& x : visible_permissions("jane", listed))
    seen += x.user + x.path + ' ';
  EXPECT_EQ(seen, "jane/paul/x otto/jane/a jane/jane/__permission jane/jane/__management ");
}

TEST(permission_mirror, rows_are_changed_in_place_made_and_removed) {
  auto shown = [](const char* user, const char* path) {
    return object({{"userId", text(user)}, {"path", text(path)}});
  };
  const sync::primary_key kept{sync::global_key{1, 1}}, twin{sync::global_key{1, 2}},
      old{sync::global_key{7, 3}};
  const auto operations = mirror_permissions(
      {row("jane", "/a", read_only), row("", "/b", read_only)},
      {{kept, shown("jane", "/a")}, {twin, shown("jane", "/a")}, {old, shown("x", "/c")}});
  ASSERT_EQ(operations.size(), 4u);
  EXPECT_EQ(std::get<sync::put_object>(operations[0]).key, kept);
  const auto& made = std::get<sync::put_object>(operations[1]);
  EXPECT_EQ(std::get<sync::global_key>(made.key).hi, 0u);
  EXPECT_EQ(text_in({made.fields}, "userId"), "*");
  EXPECT_EQ(std::get<sync::erase_object>(operations[2]).key, twin);
  EXPECT_EQ(std::get<sync::erase_object>(operations[3]).key, old);
  EXPECT_EQ(without_new_objects(operations).size(), 3u);
}

} // namespace
} // namespace ros::actors
