// Users, accounts, API keys and mailed tokens in the ADMIN REALM's state machine.
#include "admin_state_fixture.hpp"

namespace ros::actors {

namespace {

using names = std::vector<account_name>;

class admin_users : public admin_state_test {
public:
  static put_user role(const std::string& id, bool is_admin) {
    return {.user_id = id, .must_exist = true, .is_admin = is_admin};
  }
};

TEST_F(admin_users, providers_dictate_ids_that_are_free_and_valid_path_segments) {
  auto id_for = [&](const std::string& wanted) {
    return run<user_record>(
               register_user{.account = {"debug", "for " + wanted}, .wanted_id = wanted},
               std::string(28, 'f') + std::to_string(1000 + rows.size()))
        .id;
  };
  EXPECT_EQ(id_for("anna"), "anna");
  EXPECT_NE(id_for("__admin"), "__admin");
  EXPECT_NE(id_for("a/b"), "a/b");
  EXPECT_NE(id_for(""), "");
  EXPECT_EQ(state.account({"debug", "for anna"}).user_id, "anna");
  run<user_record>(register_user{.account = {"debug", "second"}, .wanted_id = "anna"}, paul);
  EXPECT_EQ(state.account({"debug", "second"}).user_id, paul) << "somebody else has that id";
}

TEST_F(admin_users, a_third_party_lets_in_one_user_for_one_account) {
  const admit_account first{.account = {"google", "g-1"}, .metadata = {{"email", "a@x"}}};
  EXPECT_EQ(run<user_record>(first, jane).id, jane);
  auto again = plan(first, paul);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_nothing()) << "nothing has changed";
  EXPECT_EQ(std::get<user_record>(again->answer).id, jane);
  auto changed = first;
  changed.metadata = {{"email", "b@x"}, {"name", "A"}};
  EXPECT_EQ(run<user_record>(changed).metadata,
            (std::vector<metadata_row>{{"email", "b@x"}, {"name", "A"}}));
  run<user_record>(put_user{.user_id = jane, .suspended = true});
  EXPECT_EQ(refusal(first), auth_ec::user_disabled);
}

TEST_F(admin_users, only_a_provider_that_owns_the_ids_joins_an_account_to_a_user) {
  add_user("anna", "anna@x");
  admit_account stranger{.account = {"debug", "anna"}, .wanted_id = "anna"};
  EXPECT_EQ(run<user_record>(stranger, paul).id, paul);
  admit_account owner{.account = {"jwt", "anna"}, .wanted_id = "anna", .join = true};
  auto joined = run<user_record>(owner, jane);
  EXPECT_EQ(joined.id, "anna");
  EXPECT_EQ(joined.accounts, (names{{"jwt", "anna"}, {"password", "anna@x"}}));
  EXPECT_EQ(state.user("anna"), joined);
}

TEST_F(admin_users, the_last_administrator_stays_one) {
  add_user(jane, "jane");
  run<user_record>(role(jane, true));
  EXPECT_EQ(refusal(role(jane, false)), auth_ec::last_admin);
  EXPECT_EQ(refusal(put_user{.user_id = jane, .suspended = true}), auth_ec::last_admin);
  EXPECT_EQ(refusal(delete_user{jane}), auth_ec::last_admin);
  admit_account demoted{
      .account = {"jwt", jane}, .wanted_id = jane, .join = true, .is_admin = false};
  EXPECT_TRUE(run<user_record>(demoted).is_admin) << "and can still log in";
  add_user(paul, "paul");
  run<user_record>(role(paul, true));
  EXPECT_FALSE(run<user_record>(role(jane, false)).is_admin);
}

TEST_F(admin_users, the_first_administrator_is_set_up_once_in_the_life_of_a_server) {
  EXPECT_TRUE(state.needs_setup());
  const set_up_admin setup{{"password", "root@x"}, "hash"};
  EXPECT_TRUE(run<user_record>(setup, jane).is_admin);
  EXPECT_FALSE(state.needs_setup());
  EXPECT_EQ(refusal(set_up_admin{{"password", "other@x"}, "hash"}, paul), ec::denied);
  // Not even if the stored user got lost.
  write("u/" + jane, R"({"admin":false,"suspended":false,"created":1})");
  EXPECT_EQ(refusal(set_up_admin{{"password", "other@x"}, "hash"}, paul), ec::denied);
  EXPECT_FALSE(reloaded({}).needs_setup());
}

TEST_F(admin_users, an_administrator_made_otherwise_closes_the_set_up_too) {
  add_user(jane, "jane");
  EXPECT_TRUE(state.needs_setup());
  run<user_record>(role(jane, true));
  EXPECT_EQ(refusal(set_up_admin{{"password", "root@x"}, "hash"}, paul), ec::denied);
}

TEST_F(admin_users, a_user_is_put_by_id_or_by_account) {
  auto made = run<user_record>(put_user{.account = account_name{"password", "a@x"},
                                        .credential = std::string{"h1"},
                                        .metadata = std::vector<metadata_row>{{"k", "v"}}},
                               jane);
  EXPECT_EQ(made.id, jane);
  EXPECT_EQ(state.account({"password", "a@x"}).credential, "h1");
  auto changed = run<user_record>(
      put_user{.account = account_name{"password", "a@x"}, .credential = std::string{"h2"}}, paul);
  EXPECT_EQ(changed.id, jane) << "the account's user";
  EXPECT_EQ(changed.metadata, made.metadata) << "what is none stays";
  EXPECT_EQ(state.account({"password", "a@x"}).credential, "h2");
  EXPECT_EQ(refusal(put_user{.user_id = paul, .must_exist = true}), auth_ec::unknown_user);
  EXPECT_EQ(refusal(put_user{.user_id = "a/b"}), auth_ec::bad_parameter);
  add_user(paul, "paul");
  EXPECT_EQ(refusal(put_user{.user_id = paul, .account = account_name{"password", "a@x"}}),
            auth_ec::account_exists);
  EXPECT_TRUE(plan(put_user{.user_id = jane})->is_nothing());
}

TEST_F(admin_users, linking_makes_an_anonymous_user_permanent) {
  run<user_record>(register_user{{"anonymous", ""}}, jane);
  auto linked = run<user_record>(link_account{jane, {"password", "a@x"}, "hash"});
  EXPECT_EQ(linked.accounts, (names{{"password", "a@x"}}));
  EXPECT_EQ(state.user(jane), linked);
  EXPECT_EQ(state.account({"anonymous", jane}).user_id, "");
  EXPECT_TRUE(plan(link_account{jane, {"password", "a@x"}, "hash"})->is_nothing());
}

TEST_F(admin_users, only_an_account_that_never_logged_in_can_be_linked_away_from_its_user) {
  run<user_record>(
      register_user{.account = {"password", "a@x"}, .credential = "h", .pending = true}, paul);
  run<user_record>(register_user{{"anonymous", ""}}, jane);
  run<user_record>(link_account{jane, {"password", "a@x"}});
  EXPECT_EQ(state.account({"password", "a@x"}).user_id, jane);
  EXPECT_EQ(state.account({"password", "a@x"}).credential, "h") << "set when it was registered";
  EXPECT_EQ(state.user(paul), std::nullopt);
  add_user(paul, "b@x");
  EXPECT_EQ(refusal(link_account{jane, {"password", "b@x"}, "hash"}), auth_ec::account_exists);
  run<user_record>(register_user{.account = {"password", "c@x"}, .pending = true}, "carl");
  run(activate_user{"carl"});
  EXPECT_EQ(refusal(link_account{jane, {"password", "c@x"}, "hash"}), auth_ec::account_exists);
}

TEST_F(admin_users, tokens_of_a_user_are_void_from_the_moment_they_are_revoked) {
  add_user(jane, "jane");
  const auto now_s = now_ms / 1000;
  EXPECT_TRUE(state.check({jane, "s:1", now_s}));
  run(revoke_user_tokens{jane});
  EXPECT_EQ(state.check({jane, "s:1", now_s}).error(), auth_ec::revoked_token)
      << "of the same second, too";
  EXPECT_EQ(state.check({jane, "s:1", 0}).error(), auth_ec::revoked_token);
  const auto from = state.user(jane)->tokens_from_s;
  EXPECT_TRUE(state.check({jane, "s:2", from}));
  run(revoke_user_tokens{jane});
  EXPECT_EQ(state.check({jane, "s:2", from}).error(), auth_ec::revoked_token);
}

TEST_F(admin_users, tokens_do_not_outlive_a_user_whose_id_comes_back) {
  add_user("anna", "anna");
  const auto issued = now_ms / 1000;
  run(delete_user{"anna"});
  now_ms += 5000;
  run<user_record>(register_user{.account = {"jwt", "anna"}, .wanted_id = "anna"}, paul);
  EXPECT_EQ(state.check({"anna", "s:1", issued}).error(), auth_ec::revoked_token);
  EXPECT_TRUE(state.check({"anna", "s:1", state.user("anna")->tokens_from_s}));
  EXPECT_EQ(state.user("anna")->tokens_from_s, now_ms / 1000 + 1);
  run<user_record>(register_user{.account = {"jwt", "otto"}, .wanted_id = "otto"}, paul);
  EXPECT_TRUE(state.check({"otto", "s:1", issued})) << "nobody had this id before";
}

TEST_F(admin_users, nothing_of_a_deleted_user_is_left_but_the_number_of_its_realms) {
  add_user(jane, "jane@x");
  add_user(paul, "paul@x");
  const auto path = "/" + jane + "/notes";
  run<realm_grant>(ensure_realm{{jane, false}, path, ""});
  run<realm_grant>(ensure_realm{{jane, false}, "/" + jane + "/__management", ""});
  run<realm_grant>(ensure_realm{{paul, false}, "/" + paul + "/notes", ""});
  run<permission_changed>(
      change_permission{{paul, false}, "/" + paul + "/notes", {jane}, true, true, false});
  run<permission_changed>(change_permission{{jane, false}, path, {paul}, true, true, false});
  run<offer_record>(make_offer{{jane, false}, "", path, read_only},
                    "0123456789abcdef0123456789abcde0");
  run<api_key_record>(create_api_key{jane, "k", "hash"}, jane);
  run<user_record>(
      create_mail_token{mail_purpose::reset_password, {"password", "jane@x"}, "m", now_ms + 1000});
  run(set_user_quota{jane, quota{1, 2, 3}});
  run(set_realm_quota{path, quota{1, 0, 0}});
  EXPECT_TRUE(run(delete_user{jane}));
  for (const auto& now : {reloaded({}), state}) {
    const auto left = now.totals();
    EXPECT_EQ(left.users, 1u);
    EXPECT_EQ(left.accounts, 1u);
    EXPECT_EQ(left.realms, 1u);
    EXPECT_EQ(left.permissions, 1u) << "paul's own";
    EXPECT_EQ(left.offers, 0u);
    EXPECT_EQ(left.api_keys, 0u);
    EXPECT_EQ(now.deletions().size(), 2u);
    EXPECT_EQ(now.limits({jane, path}).user, quota{});
    EXPECT_EQ(now.limits({jane, path}).realm, quota{});
  }
  EXPECT_EQ(refusal(consume_mail_token{mail_purpose::reset_password, "m", "x"}),
            auth_ec::bad_mail_token);
}

TEST_F(admin_users, realms_of_a_deleted_user_stay_where_that_is_configured) {
  state = admin_state{admin_rules{.keep_realms_of_deleted_users = true}};
  add_user(jane, "jane");
  const auto path = "/" + jane + "/notes";
  run<realm_grant>(ensure_realm{{jane, false}, path, ""});
  run<realm_grant>(ensure_realm{{jane, false}, "/" + jane + "/__management", ""});
  run(delete_user{jane});
  ASSERT_NE(state.realm(path), nullptr);
  EXPECT_EQ(state.realm(path)->owner, "");
  EXPECT_EQ(state.realm("/" + jane + "/__management"), nullptr);
  EXPECT_EQ(state.allowed(admin, path), all_rights);
}

TEST_F(admin_users, users_move_in_with_ids_and_password_hashes) {
  add_user("taken", "taken@x");
  import_users batch;
  batch.users = {
      {.id = "u1",
       .accounts = {{"password", "u1@x"}, {"google", "g"}},
       .credential = "$2b$x",
       .email_confirmed = true,
       .metadata = {{"k", "v"}},
       .created_ms = 5},
      {.id = "taken", .accounts = {{"password", "new@x"}}},
      {.id = "u2", .accounts = {{"password", "taken@x"}}},
      {.id = "u3", .accounts = {{"password", "u1@x"}}},
      {.id = "u1", .accounts = {{"password", "other@x"}}},
      {.id = "__x", .accounts = {{"password", "x@x"}}},
      {.id = "u4", .accounts = {{"password", ""}}},
      {.id = "u5", .accounts = {{"password", "u5@x"}}, .created_ms = now_ms + 1'000'000},
  };
  auto result = run<import_result>(batch);
  EXPECT_EQ(result.created, 2u);
  std::vector<std::uint64_t> failed;
  for (const auto& failure : result.failures)
    failed.push_back(failure.index);
  EXPECT_EQ(failed, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(state.account({"password", "u1@x"}).credential, "$2b$x");
  EXPECT_EQ(state.account({"google", "g"}).credential, "") << "hashes are of passwords only";
  EXPECT_EQ(state.user("u1")->created_ms, 5);
  EXPECT_EQ(state.user("u5")->created_ms, now_ms) << "nobody comes from the future";
}

TEST_F(admin_users, pages_are_searched_sorted_and_cut) {
  for (int i = 0; i < 30; ++i) {
    now_ms += i == 7 ? 100'000 : 1;
    add_user("user" + std::to_string(10 + i), "name" + std::to_string(i) + "@x");
  }
  auto page = state.page(list_users{{.offset = 25, .limit = 10}});
  EXPECT_EQ(page.total, 30u);
  EXPECT_EQ(page.users.size(), 5u);
  EXPECT_EQ(page.users.front().id, "user35");
  page = state.page(list_users{{.search = "name2"}});
  EXPECT_EQ(page.total, 11u) << "name2, name20 to name29";
  page = state.page(list_users{{.limit = 1, .sort = "-created"}});
  EXPECT_EQ(page.users.front().id, "user39");
  page = state.page(list_users{{.offset = 1000}});
  EXPECT_TRUE(page.users.empty());
  EXPECT_EQ(page.total, 30u);
}

// -- API keys -----------------------------------------------------------------------

TEST_F(admin_users, api_keys_belong_to_users_with_a_permanent_account) {
  add_user(jane, "jane");
  auto key = run<api_key_record>(create_api_key{jane, "k-1_A", "hash"}, paul);
  EXPECT_EQ(key.id, paul.substr(0, 24));
  EXPECT_EQ(state.key(find_api_key{"hash"})->user_id, jane);
  EXPECT_EQ(state.key(find_api_key{"other"}).error(), auth_ec::unknown_key);
  EXPECT_EQ(refusal(create_api_key{jane, "k-1_A", "h2"}, std::string(32, 'a')),
            auth_ec::key_exists);
  for (const auto& bad : {"", "a b", "\xc3\xa4"})
    EXPECT_EQ(refusal(create_api_key{jane, bad, "h2"}, paul), auth_ec::bad_parameter) << bad;
  run<user_record>(register_user{{"anonymous", ""}}, paul);
  EXPECT_EQ(refusal(create_api_key{paul, "k", "h2"}, jane), ec::denied);
  run(enable_api_key{jane, key.id, false});
  EXPECT_TRUE(state.key(read_api_key{jane, key.id})->disabled);
  EXPECT_EQ(refusal(enable_api_key{paul, key.id, true}), auth_ec::unknown_key) << "another's";
  EXPECT_EQ(refusal(delete_api_key{paul, key.id}), auth_ec::unknown_key);
  run(delete_api_key{jane, key.id});
  EXPECT_EQ(state.key(find_api_key{"hash"}).error(), auth_ec::unknown_key);
  EXPECT_TRUE(state.keys({jane}).keys.empty());
}

// -- mailed tokens ------------------------------------------------------------------

TEST_F(admin_users, a_mailed_token_works_once_and_for_what_it_was_made) {
  add_user(jane, "jane@x");
  const account_name name{"password", "jane@x"};
  const auto confirm = mail_purpose::confirm_email;
  const auto reset = mail_purpose::reset_password;
  run<user_record>(create_mail_token{confirm, name, "c1", now_ms + 1000});
  EXPECT_EQ(refusal(consume_mail_token{reset, "c1", "x"}), auth_ec::bad_mail_token);
  EXPECT_TRUE(run<user_record>(consume_mail_token{confirm, "c1"}).email_confirmed);
  EXPECT_EQ(refusal(consume_mail_token{confirm, "c1"}), auth_ec::bad_mail_token);
  EXPECT_EQ(refusal(create_mail_token{confirm, name, "c2", now_ms + 1000}),
            auth_ec::already_confirmed);
  run<user_record>(create_mail_token{reset, name, "r1", now_ms + 1000});
  run<user_record>(create_mail_token{reset, name, "r2", now_ms + 1000});
  EXPECT_EQ(refusal(consume_mail_token{reset, "r1", "x"}), auth_ec::bad_mail_token)
      << "the newest mail counts";
  run<user_record>(consume_mail_token{reset, "r2", "new hash", true});
  EXPECT_EQ(state.account(name).credential, "new hash");
  EXPECT_EQ(state.check({jane, "s:1", now_ms / 1000}).error(), auth_ec::revoked_token);
  run<user_record>(create_mail_token{reset, name, "r3", now_ms + 1000});
  now_ms += 1000;
  EXPECT_EQ(refusal(consume_mail_token{reset, "r3", "x"}), auth_ec::bad_mail_token) << "too late";
  auto swept = state.outdated(now_ms, 10);
  ASSERT_EQ(swept.size(), 1u);
  EXPECT_EQ(swept[0].key, "m/r3");
  EXPECT_EQ(refusal(create_mail_token{reset, {"password", "nobody"}, "r4", now_ms}),
            auth_ec::unknown_account);
}

} // namespace

} // namespace ros::actors
