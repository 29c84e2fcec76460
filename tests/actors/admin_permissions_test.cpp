// Who may do what (access-control.md 2, 3, 5), changes of permissions (6.3) and offers
// (6.4, 6.5) in the ADMIN REALM's state machine.
#include "admin_state_fixture.hpp"

#include "actors/system_realms.hpp"

namespace ros::actors {

namespace {

const std::string notes = "/" + jane + "/notes";
const std::string shared = "/shared";
const caller jane_self{jane, false};
const caller paul_self{paul, false};
const std::string offer_id = "0123456789abcdef";

class admin_permissions : public admin_state_test {
public:
  void SetUp() override { begin({}); }
  void begin(const admin_rules& rules) {
    state = admin_state{rules};
    rows.clear();
    add_user(jane, "jane@x");
    add_user(paul, "paul@x");
    run<realm_grant>(ensure_realm{jane_self, notes, ""});
    run<realm_grant>(ensure_realm{admin, shared, ""});
  }
  static change_permission wish(const caller& who, const std::string& path, const std::string& whom,
                                rights x) {
    return {who, path, {whom}, x.read, x.write, x.manage};
  }
  void give(const std::string& path, const std::string& whom, rights x) {
    run<permission_changed>(wish(admin, path, whom, x));
  }
  [[nodiscard]] std::optional<rights> row(const std::string& user, const std::string& path) const {
    const auto list = state.list(list_realm_permissions{path});
    for (const auto& x : list->rows)
      if (x.row.user == user)
        return x.row.allowed;
    return std::nullopt;
  }
};

TEST_F(admin_permissions, individual_rows_come_before_default_rows) {
  EXPECT_EQ(state.allowed(paul_self, shared), no_rights);
  give(shared, "*", read_write);
  EXPECT_EQ(state.allowed(paul_self, shared), read_write);
  give(shared, paul, read_only);
  EXPECT_EQ(state.allowed(paul_self, shared), read_only) << "and only its flags";
  give(shared, paul, no_rights);
  EXPECT_EQ(state.allowed(paul_self, shared), no_rights) << "kept, against the default row";
  EXPECT_EQ(row(paul, shared), no_rights);
  give(shared, "*", no_rights);
  EXPECT_EQ(row("", shared), std::nullopt);
  EXPECT_EQ(state.allowed(jane_self, shared), no_rights);
  EXPECT_EQ(reloaded({}).allowed(paul_self, shared), no_rights);
}

TEST_F(admin_permissions, rows_add_up_in_additive_mode) {
  begin({.additive = true});
  give(shared, "*", read_only);
  give(shared, paul, {false, true, false});
  EXPECT_EQ(state.allowed(paul_self, shared), read_write);
  give(shared, paul, no_rights);
  EXPECT_EQ(row(paul, shared), std::nullopt) << "says nothing here";
  EXPECT_EQ(state.allowed(paul_self, shared), read_only);
}

TEST_F(admin_permissions, rows_decide_on_partitions_before_their_defaults) {
  begin({.partition_default = read_write});
  const std::string team = "/__partition/s-team";
  run<realm_grant>(ensure_realm{jane_self, team, "\"team\""});
  EXPECT_EQ(state.allowed(paul_self, team), read_write);
  give(team, paul, read_only);
  EXPECT_EQ(state.allowed(paul_self, team), read_only);
  EXPECT_EQ(state.allowed(jane_self, team), read_write);
  give(team, "*", read_only);
  EXPECT_EQ(state.allowed(jane_self, team), read_only);
}

TEST_F(admin_permissions, system_realms_have_rules_of_their_own) {
  struct row {
    std::string path;
    rights own, other, administrator;
  };
  const auto home = "/" + jane;
  for (const auto& x : std::vector<row>{
           {"/__admin", no_rights, no_rights, all_rights},
           {"/__password", no_rights, no_rights, no_rights},
           {"/__revocation", no_rights, no_rights, no_rights},
           {"/__configuration", no_rights, no_rights, no_rights},
           {"/__wildcardpermissions", read_only, read_only, all_rights},
           {"/__permission", read_only, read_only, all_rights},
           {"/__metrics", no_rights, no_rights, read_only},
           {"/__other", no_rights, no_rights, no_rights},
           {home + "/__management", read_write, no_rights, all_rights},
           {home + "/__permission", read_write, no_rights, all_rights},
           {home + "/__other", no_rights, no_rights, no_rights},
           {home + "/a/__other", no_rights, no_rights, no_rights},
           {"/__admin/__management", no_rights, no_rights, all_rights},
       }) {
    EXPECT_EQ(state.allowed(jane_self, x.path), x.own) << x.path;
    EXPECT_EQ(state.allowed(paul_self, x.path), x.other) << x.path;
    EXPECT_EQ(state.allowed(admin, x.path), x.administrator) << x.path;
    if (system_realm_at(x.path) != system_realm::none)
      EXPECT_EQ(refusal(wish(admin, x.path, paul, read_only)), auth_ec::not_shareable) << x.path;
  }
}

TEST_F(admin_permissions, everybody_gets_the_system_realms_one_may_open) {
  for (const auto& path : std::vector<std::string>{
           "/" + jane + "/__management", "/" + jane + "/__permission", "/__wildcardpermissions"})
    EXPECT_EQ(run<realm_grant>(ensure_realm{jane_self, path, ""}).realm.path, path);
  EXPECT_EQ(state.realm("/" + jane + "/__management")->owner, jane);
  EXPECT_EQ(state.realm("/__wildcardpermissions")->owner, "");
  EXPECT_EQ(refusal(ensure_realm{jane_self, "/" + paul + "/__management", ""}), ec::denied);
  EXPECT_EQ(refusal(ensure_realm{jane_self, "/__admin", ""}), ec::denied);
  EXPECT_EQ(refusal(delete_realm{admin, "/" + jane + "/__management"}), ec::denied);
  EXPECT_TRUE(state.limits({jane, ""}).owned_realms.size() == 1) << "they do not count";
}

// -- changes ------------------------------------------------------------------------

TEST_F(admin_permissions, a_change_is_refused_for_a_reason) {
  const auto to = wish(jane_self, notes, paul, read_only);
  auto with = [&](auto change) {
    auto x = to;
    change(x);
    return refusal(x);
  };
  EXPECT_EQ(with([](auto& x) { x.path = "/" + jane + "/other"; }), auth_ec::realm_not_found);
  EXPECT_EQ(with([](auto& x) { x.path = "/__admin"; }), auth_ec::not_shareable);
  EXPECT_EQ(with([](auto& x) { x.requester = paul_self; }), ec::denied);
  EXPECT_EQ(with([](auto& x) { x.whom = {"nobody"}; }), auth_ec::no_recipient);
  EXPECT_EQ(with([](auto& x) { x.whom = {"", "email", "nobody@x"}; }), auth_ec::no_recipient);
  EXPECT_EQ(with([](auto& x) { x.whom = {""}; }), auth_ec::no_recipient);
}

TEST_F(admin_permissions, flags_that_are_none_stay_as_they_are) {
  give(shared, "*", read_only);
  run<permission_changed>(change_permission{admin, shared, {paul}, {}, true, {}});
  EXPECT_EQ(row(paul, shared), read_write) << "a new row starts from the default row";
  run<permission_changed>(change_permission{admin, shared, {paul}, false, {}, {}});
  EXPECT_EQ(row(paul, shared), (rights{false, true, false}));
  run<permission_changed>(change_permission{admin, notes, {paul}, {}, {}, true});
  EXPECT_EQ(row(paul, notes), (rights{false, false, true})) << "no default row there";
}

TEST_F(admin_permissions, recipients_are_found_by_metadata_and_mail_address) {
  run<user_record>(
      put_user{.user_id = jane, .metadata = std::vector<metadata_row>{{"team", "red"}}});
  run<user_record>(
      put_user{.user_id = paul, .metadata = std::vector<metadata_row>{{"team", "red"}}});
  auto to = [&](const char* key, const char* value) {
    return run<permission_changed>(
               change_permission{admin, shared, {"ignored", key, value}, true, false, false})
        .affected_users;
  };
  EXPECT_EQ(to("team", "red"), 2);
  EXPECT_EQ(row(jane, shared), read_only);
  EXPECT_EQ(to("email", "paul@x"), 1);
  EXPECT_EQ(run<permission_changed>(wish(admin, shared, "*", read_only)).affected_users, -1);
}

TEST_F(admin_permissions, a_star_means_all_realms_that_the_requester_owns) {
  run<realm_grant>(ensure_realm{jane_self, "/" + jane + "/more", ""});
  run<realm_grant>(ensure_realm{jane_self, "/" + jane + "/__management", ""});
  run<permission_changed>(wish(jane_self, "*", paul, read_only));
  EXPECT_EQ(row(paul, notes), read_only);
  EXPECT_EQ(row(paul, "/" + jane + "/more"), read_only);
  EXPECT_EQ(row(paul, shared), std::nullopt);
  EXPECT_EQ(run<permission_changed>(wish(paul_self, "*", jane, read_only)).affected_users, 1)
      << "without any Realm, too";
}

TEST_F(admin_permissions, a_row_is_dated_only_when_it_changes) {
  give(notes, paul, read_only);
  const auto first = now_ms;
  now_ms += 1000;
  EXPECT_TRUE(plan(wish(admin, notes, paul, read_only))->is_nothing());
  auto updated = [&] {
    return state.list(list_realm_permissions{notes})->rows.back().row.updated_ms;
  };
  ASSERT_EQ(state.list(list_realm_permissions{notes})->rows.back().row.user, paul);
  EXPECT_EQ(updated(), first);
  give(notes, paul, read_write);
  EXPECT_EQ(updated(), now_ms);
}

TEST_F(admin_permissions, an_owned_realm_keeps_somebody_who_manages_it) {
  EXPECT_EQ(refusal(wish(jane_self, notes, jane, read_write)), ec::denied);
  give(notes, paul, all_rights);
  run<permission_changed>(wish(jane_self, notes, jane, read_write));
  EXPECT_EQ(refusal(wish(paul_self, notes, paul, no_rights)), ec::denied);
  run<permission_changed>(wish(admin, notes, paul, no_rights));
  EXPECT_EQ(state.allowed(paul_self, notes), no_rights) << "administrators may";
}

TEST_F(admin_permissions, an_owner_can_lose_rights_and_get_them_back) {
  give(notes, jane, no_rights);
  EXPECT_EQ(state.allowed(jane_self, notes), no_rights);
  EXPECT_EQ(refusal(ensure_realm{jane_self, notes, ""}), ec::denied);
  give(notes, jane, all_rights);
  EXPECT_EQ(state.allowed(jane_self, notes), all_rights);
}

TEST_F(admin_permissions, owners_of_realms_of_earlier_builds_have_all_rights_until_they_change) {
  const auto early = "/" + jane + "/early";
  const admin_row old{"r/" + early,
                      R"({"id":77,"owner":")" + jane + R"(","created":5,"partition":""})"};
  for (const auto& [whom, left] : {std::pair{paul, all_rights}, std::pair{jane, no_rights}}) {
    ASSERT_TRUE(state.apply({"p/" + early + std::string(1, '\0') + paul, std::nullopt}));
    ASSERT_TRUE(state.apply(old));
    EXPECT_EQ(state.allowed(jane_self, early), all_rights);
    EXPECT_EQ(row(jane, early), all_rights);
    give(early, whom, whom == paul ? read_only : no_rights);
    EXPECT_EQ(state.allowed(jane_self, early), left);
  }
}

TEST_F(admin_permissions, administrators_put_all_rows_in_one_step) {
  give(notes, paul, read_only);
  auto list = run<permission_list>(
      put_realm_permissions{notes, {{"", read_only}, {jane, all_rights}}, true});
  ASSERT_EQ(list.rows.size(), 2u);
  EXPECT_EQ(list.rows[0].row.user, "");
  EXPECT_EQ(list.rows[1].row.user, jane);
  EXPECT_EQ(row(paul, notes), std::nullopt);
  run<permission_list>(put_realm_permissions{notes, {{paul, no_rights}}, false});
  EXPECT_EQ(row(paul, notes), no_rights) << "against the default row";
  EXPECT_EQ(row(jane, notes), all_rights);
  EXPECT_EQ(refusal(put_realm_permissions{notes, {{"nobody", read_only}}, true}),
            auth_ec::unknown_user);
}

TEST_F(admin_permissions, users_see_their_rows_and_those_they_manage) {
  give(notes, paul, read_write);
  give(shared, "*", read_only);
  auto paths = [&](const caller& who, permission_filter filter) {
    std::vector<std::string> result;
    for (const auto& x : state.list(list_permissions{who, filter}).rows)
      result.push_back(x.row.path + ' ' + (x.row.user.empty() ? "*" : x.row.user));
    return result;
  };
  using list = std::vector<std::string>;
  EXPECT_EQ(paths(jane_self, permission_filter::current_user),
            (list{notes + ' ' + jane, shared + " *"}));
  EXPECT_EQ(paths(jane_self, permission_filter::other_user), (list{notes + ' ' + paul}));
  EXPECT_EQ(paths(jane_self, permission_filter::any).size(), 3u);
  EXPECT_EQ(paths(paul_self, permission_filter::any), (list{notes + ' ' + paul, shared + " *"}));
  give(shared, paul, no_rights);
  EXPECT_EQ(paths(paul_self, permission_filter::any), (list{notes + ' ' + paul}))
      << "the default row does not apply any more";
}

// -- offers -------------------------------------------------------------------------

TEST_F(admin_permissions, an_offer_can_be_accepted_by_anybody_any_number_of_times) {
  auto offer = run<offer_record>(make_offer{jane_self, offer_id, notes, read_only});
  EXPECT_EQ(offer.token(), jane + ':' + offer_id);
  auto accepted = run<offer_accepted>(accept_offer{paul_self, offer.token()});
  EXPECT_EQ(accepted.path, notes);
  EXPECT_EQ(accepted.allowed, read_only);
  EXPECT_TRUE(plan(accept_offer{paul_self, offer.token()})->is_nothing());
  EXPECT_TRUE(plan(accept_offer{jane_self, offer.token()})->is_nothing()) << "one's own";
  give(notes, paul, read_write);
  EXPECT_EQ(run<offer_accepted>(accept_offer{paul_self, offer.token()}).allowed, read_write)
      << "an offer never takes rights away";
}

TEST_F(admin_permissions, an_accepted_offer_does_not_lose_what_everybody_may) {
  give(shared, "*", read_write);
  auto offer = run<offer_record>(make_offer{admin, offer_id, shared, {true, false, true}});
  run<offer_accepted>(accept_offer{paul_self, offer.token()});
  EXPECT_EQ(state.allowed(paul_self, shared), all_rights);
}

TEST_F(admin_permissions, an_offer_is_refused_for_a_reason) {
  const make_offer good{jane_self, offer_id, notes, read_only};
  auto with = [&](auto change) {
    auto x = good;
    change(x);
    return refusal(x);
  };
  EXPECT_EQ(with([](auto& x) { x.requester = paul_self; }), ec::denied);
  EXPECT_EQ(with([](auto& x) { x.path = "/" + jane + "/__management"; }), auth_ec::not_shareable);
  EXPECT_EQ(with([](auto& x) { x.path += "x"; }), auth_ec::realm_not_found);
  EXPECT_EQ(with([](auto& x) { x.allowed = no_rights; }), auth_ec::bad_parameter);
  EXPECT_EQ(with([](auto& x) { x.id = "short"; }), auth_ec::bad_parameter);
  EXPECT_EQ(with([this](auto& x) { x.expires_ms = now_ms; }), auth_ec::offer_expired);
}

TEST_F(admin_permissions, an_offer_ends_with_its_date_its_realm_and_its_offerers_rights) {
  auto offer = run<offer_record>(make_offer{jane_self, offer_id, notes, read_only, now_ms + 1000});
  const accept_offer accept{paul_self, offer.token()};
  give(notes, paul, all_rights);
  give(notes, jane, read_write);
  EXPECT_EQ(refusal(accept), auth_ec::unknown_offer) << "its offerer may no longer share";
  give(notes, jane, all_rights);
  now_ms += 1000;
  EXPECT_EQ(refusal(accept), auth_ec::offer_expired);
  run<offer_record>(set_offer_expiry{jane_self, offer.token(), 0});
  EXPECT_TRUE(plan(accept));
  EXPECT_EQ(refusal(withdraw_offer{paul_self, offer.token()}), ec::denied);
  run(withdraw_offer{jane_self, offer.token()});
  EXPECT_EQ(refusal(accept), auth_ec::unknown_offer);
  run<offer_record>(make_offer{jane_self, offer_id, notes, read_only});
  run<realm_record>(delete_realm{jane_self, notes});
  EXPECT_EQ(refusal(accept), auth_ec::unknown_offer);
}

TEST_F(admin_permissions, a_token_without_offerer_must_mean_one_offer) {
  run<offer_record>(make_offer{jane_self, offer_id, notes, read_only});
  EXPECT_TRUE(plan(accept_offer{paul_self, offer_id}));
  run<offer_record>(make_offer{admin, offer_id, shared, read_only});
  EXPECT_EQ(refusal(accept_offer{paul_self, offer_id}), auth_ec::offer_ambiguous);
  EXPECT_EQ(refusal(accept_offer{paul_self, "nobody:" + offer_id}), auth_ec::unknown_offer);
}

// -- Realms -------------------------------------------------------------------------

TEST_F(admin_permissions, a_realm_is_created_once_and_deleted_by_its_owner) {
  auto made = run<realm_record>(create_realm{jane_self, "/" + jane + "/b"});
  EXPECT_EQ(made.owner, jane);
  EXPECT_EQ(refusal(create_realm{jane_self, made.path}), auth_ec::realm_exists);
  EXPECT_EQ(refusal(create_realm{jane_self, "/elsewhere"}), ec::denied);
  EXPECT_EQ(refusal(create_realm{jane_self, "/" + jane + "/c", paul}), ec::denied);
  EXPECT_EQ(run<realm_record>(create_realm{admin, "/for-paul", paul}).owner, paul);
  EXPECT_EQ(state.allowed(paul_self, "/for-paul"), all_rights);
  EXPECT_EQ(refusal(delete_realm{paul_self, made.path}), ec::denied);
  EXPECT_EQ(run<realm_record>(delete_realm{jane_self, made.path}), made);
  EXPECT_EQ(state.deletions().at(made.id), made.path);
  EXPECT_EQ(refusal(delete_realm{admin, made.path}), auth_ec::realm_not_found);
  auto again = run<realm_record>(create_realm{jane_self, made.path});
  EXPECT_GT(again.id, made.id);
  run(realm_data_removed{made.id});
  EXPECT_TRUE(state.deletions().empty());
}

TEST_F(admin_permissions, a_new_owner_gets_all_rights) {
  EXPECT_EQ(run<realm_record>(set_realm_owner{notes, paul}).owner, paul);
  EXPECT_EQ(state.allowed(paul_self, notes), all_rights);
  EXPECT_EQ(state.allowed(jane_self, notes), all_rights) << "rows of the old one stay";
  EXPECT_EQ(refusal(set_realm_owner{notes, "nobody"}), auth_ec::unknown_user);
  EXPECT_EQ(refusal(set_realm_owner{"/none", paul}), auth_ec::realm_not_found);
}

TEST_F(admin_permissions, a_user_has_as_many_realms_as_the_quota_says) {
  begin({.user_quota = {.realms = 2}});
  run<realm_grant>(ensure_realm{jane_self, "/" + jane + "/two", ""});
  EXPECT_EQ(refusal(ensure_realm{jane_self, "/" + jane + "/three", ""}), auth_ec::quota_exceeded);
  EXPECT_EQ(refusal(create_realm{admin, "/x", jane}), auth_ec::quota_exceeded);
  run<realm_grant>(ensure_realm{jane_self, "/" + jane + "/__management", ""});
  run(set_user_quota{jane, quota{.realms = 3}});
  run<realm_grant>(ensure_realm{jane_self, "/" + jane + "/three", ""});
  EXPECT_EQ(state.limits({jane, ""}).user.realms, 3u);
  EXPECT_EQ(state.limits({jane, ""}).owned_realms.size(), 3u);
  run(set_user_quota{jane, {}});
  EXPECT_EQ(state.limits({jane, ""}).user.realms, 2u);
}

} // namespace

} // namespace ros::actors
