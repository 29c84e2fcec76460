// Users, accounts, revoked tokens and the Realm directory as a pure state machine.
#include "admin_state_fixture.hpp"

namespace ros::actors {

namespace {

TEST_F(admin_state_test, a_registered_user_is_found_by_id_and_by_account) {
  auto made =
      run<user_record>(register_user{{"password", "jane@example.com"}, "$argon2id$x"}, jane);
  EXPECT_EQ(made.id, jane);
  EXPECT_EQ(made.created_ms, now_ms);
  EXPECT_EQ(state.user(jane), made);
  auto account = state.account({"password", "jane@example.com"});
  EXPECT_EQ(account.user_id, jane);
  EXPECT_EQ(account.credential, "$argon2id$x");
  EXPECT_FALSE(account.suspended);
}

TEST_F(admin_state_test, an_account_belongs_to_one_user_for_ever) {
  add_user(jane, "jane@example.com");
  auto again = plan(register_user{{"password", "jane@example.com"}, "other"}, paul);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), auth_ec::account_exists);
  EXPECT_TRUE(plan(register_user{{"password", "Jane@example.com"}, "other"}, paul))
      << "names are compared byte by byte";
  EXPECT_TRUE(plan(register_user{{"google", "jane@example.com"}, ""}, paul));
}

TEST_F(admin_state_test, an_anonymous_account_is_named_after_its_user) {
  run<user_record>(register_user{{"anonymous", ""}, ""}, jane);
  EXPECT_EQ(state.account({"anonymous", jane}).user_id, jane);
}

TEST_F(admin_state_test, any_bytes_may_stand_in_account_names_and_partitions) {
  const std::string odd{"a\0b/\"\xff\n", 7};
  add_user(jane, odd);
  EXPECT_EQ(state.account({"password", odd}).user_id, jane);
  run<realm_grant>(ensure_realm{{jane, false}, "/" + jane + "/x", odd});
  EXPECT_EQ(state.realm("/" + jane + "/x")->partition, odd);
}

TEST_F(admin_state_test, a_credential_is_replaced) {
  add_user(jane, "jane");
  EXPECT_TRUE(run<bool>(set_credential{{"password", "jane"}, "new"}));
  EXPECT_EQ(state.account({"password", "jane"}).credential, "new");
  EXPECT_EQ(state.user(jane)->accounts.size(), 1u);
  auto missing = plan(set_credential{{"password", "nobody"}, "new"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), auth_ec::unknown_account);
}

TEST_F(admin_state_test, a_deleted_user_leaves_no_account_behind) {
  add_user(jane, "jane");
  EXPECT_TRUE(run<bool>(delete_user{jane}));
  EXPECT_EQ(state.user(jane), std::nullopt);
  EXPECT_EQ(state.account({"password", "jane"}).user_id, "");
  EXPECT_FALSE(run<bool>(delete_user{jane}));
  EXPECT_TRUE(plan(register_user{{"password", "jane"}, ""}, paul)) << "the name is free again";
}

TEST_F(admin_state_test, a_token_is_checked_against_its_user_and_the_revocations) {
  add_user(jane, "jane");
  auto good = state.check({jane, "s:1"});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->user_id, jane);
  EXPECT_FALSE(good->is_admin);
  EXPECT_EQ(state.check({paul, "s:1"}).error(), auth_ec::unknown_user);
  run<bool>(revoke_token_key{"s:1", now_ms / 1000 + 60});
  EXPECT_EQ(state.check({jane, "s:1"}).error(), auth_ec::revoked_token);
  EXPECT_TRUE(state.check({jane, "s:2"}));
  write("u/" + jane, R"({"admin":true,"suspended":false,"created":1})");
  EXPECT_TRUE(state.check({jane, "s:2"})->is_admin);
  write("u/" + jane, R"({"admin":true,"suspended":true,"created":1})");
  EXPECT_EQ(state.check({jane, "s:2"}).error(), auth_ec::user_disabled);
}

TEST_F(admin_state_test, the_admin_token_can_be_revoked_and_never_comes_back) {
  ASSERT_TRUE(state.check({admin_user_id, "h:1"}));
  run<bool>(revoke_token_key{"h:1", 0});
  now_ms += 1'000'000'000'000;
  EXPECT_TRUE(state.outdated(now_ms, 100).empty());
  EXPECT_EQ(state.check({admin_user_id, "h:1"}).error(), auth_ec::revoked_token);
}

TEST_F(admin_state_test, a_revocation_is_written_once_and_swept_a_day_after_the_token_ran_out) {
  const auto expires_s = now_ms / 1000 + 60;
  run<bool>(revoke_token_key{"s:1", expires_s});
  EXPECT_TRUE(plan(revoke_token_key{"s:1", expires_s})->rows.empty());
  EXPECT_TRUE(state.outdated((expires_s + 24 * 3600 - 1) * 1000, 100).empty());
  auto swept = state.outdated((expires_s + 24 * 3600) * 1000, 100);
  ASSERT_EQ(swept.size(), 1u);
  EXPECT_TRUE(state.apply(swept.front()));
  EXPECT_TRUE(state.outdated((expires_s + 24 * 3600) * 1000, 100).empty());
}

TEST_F(admin_state_test, sweeping_takes_the_oldest_first_and_is_bounded) {
  for (int i = 5; i > 0; --i)
    run<bool>(revoke_token_key{"s:" + std::to_string(i), i});
  auto swept = state.outdated(now_ms, 2);
  ASSERT_EQ(swept.size(), 2u);
  EXPECT_EQ(swept[0].key, "t/s:1");
  EXPECT_EQ(swept[1].key, "t/s:2");
}

TEST_F(admin_state_test, a_home_belongs_to_its_user_alone) {
  add_user(jane, "jane");
  add_user(paul, "paul");
  EXPECT_EQ(state.allowed({jane, false}, "/" + jane + "/notes"), all_rights);
  EXPECT_EQ(state.allowed({jane, false}, "/" + paul + "/notes"), no_rights);
  EXPECT_EQ(state.allowed({jane, false}, "/" + jane + "x/notes"), no_rights);
  EXPECT_EQ(state.allowed({jane, false}, "/" + jane), no_rights) << "that is the root";
  EXPECT_EQ(state.allowed({jane, false}, "/shared/notes"), no_rights);
}

TEST_F(admin_state_test, an_administrator_may_everything_and_a_claim_to_be_one_counts_for_nothing) {
  add_user(jane, "jane");
  EXPECT_EQ(state.allowed(admin, "/shared/notes"), all_rights);
  EXPECT_EQ(state.allowed({jane, true}, "/shared/notes"), no_rights);
  EXPECT_EQ(state.allowed({admin_user_id, false}, "/shared/notes"), no_rights);
  write("u/" + jane, R"({"admin":true,"suspended":false,"created":1})");
  EXPECT_EQ(state.allowed({jane, false}, "/shared/notes"), all_rights);
}

TEST_F(admin_state_test, suspended_and_unknown_users_may_nothing) {
  write("u/" + jane, R"({"admin":true,"suspended":true,"created":1})");
  EXPECT_EQ(state.allowed({jane, false}, "/" + jane + "/notes"), no_rights);
  EXPECT_EQ(state.allowed({jane, false}, "/__partition/s-abc"), no_rights);
  EXPECT_EQ(state.allowed({paul, false}, "/__partition/s-abc"), no_rights);
}

TEST_F(admin_state_test, the_partition_default_decides_for_every_user) {
  for (auto level : {no_rights, read_only, read_write}) {
    admin_state configured{level};
    ASSERT_TRUE(
        configured.apply({"u/" + jane, R"({"admin":false,"suspended":false,"created":1})"}));
    EXPECT_EQ(configured.allowed({jane, false}, "/__partition/s-abc"), level);
  }
  admin_state careless{all_rights};
  ASSERT_TRUE(careless.apply({"u/" + jane, R"({"admin":false,"suspended":false,"created":1})"}));
  EXPECT_EQ(careless.allowed({jane, false}, "/__partition/i-5"), read_write);
}

TEST_F(admin_state_test, a_partition_named_after_a_user_is_that_users) {
  admin_state strict{no_rights};
  for (const auto& id : {jane, paul})
    ASSERT_TRUE(strict.apply({"u/" + id, R"({"admin":false,"suspended":false,"created":1})"}));
  // http-api.md 9.10: the text is the id, or "user=<id>" (base64url because of the '=').
  const auto by_id = "/__partition/s-" + jane;
  const std::string by_pair = "/__partition/b-dXNlcj0wMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg";
  EXPECT_EQ(strict.allowed({jane, false}, by_id), all_rights);
  EXPECT_EQ(strict.allowed({jane, false}, by_pair), all_rights);
  EXPECT_EQ(strict.allowed({paul, false}, by_id), no_rights);
  EXPECT_EQ(strict.allowed({paul, false}, by_pair), no_rights);
}

TEST_F(admin_state_test, a_realm_is_entered_once_with_its_owner) {
  add_user(jane, "jane");
  const auto path = "/" + jane + "/notes";
  auto made = run<realm_grant>(ensure_realm{{jane, false}, path, ""});
  EXPECT_EQ(made.allowed, all_rights);
  EXPECT_EQ(made.realm.id, 1u);
  EXPECT_EQ(made.realm.owner, jane);
  EXPECT_EQ(made.realm.created_ms, now_ms);
  auto again = plan(ensure_realm{{jane, false}, path, "ignored"});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->rows.empty());
  EXPECT_EQ(std::get<realm_grant>(again->answer).realm, made.realm);
}

TEST_F(admin_state_test, an_administrator_creates_realms_anywhere_but_in_reserved_places) {
  add_user(jane, "jane");
  EXPECT_EQ(run<realm_grant>(ensure_realm{admin, "/shared/notes", ""}).realm.owner, "");
  EXPECT_EQ(run<realm_grant>(ensure_realm{admin, "/" + jane + "/notes", ""}).realm.owner, jane);
  EXPECT_EQ(run<realm_grant>(ensure_realm{admin, "/" + jane, ""}).realm.owner, "");
  EXPECT_EQ(run<realm_grant>(ensure_realm{admin, "/__admin/notes", ""}).realm.owner, "");
  for (const auto& path :
       std::vector<std::string>{"/__foo", "/__password", "/__foo/x", "/" + jane + "/__foo"}) {
    auto refused = plan(ensure_realm{admin, path, ""});
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error(), ec::denied) << path;
  }
}

TEST_F(admin_state_test, nothing_is_registered_for_a_user_who_may_not_create_it) {
  add_user(jane, "jane");
  for (const auto& path :
       std::vector<std::string>{"/shared", "/shared/notes", "/" + paul + "/notes"}) {
    auto refused = plan(ensure_realm{{jane, false}, path, ""});
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error(), ec::denied) << path;
  }
}

TEST_F(admin_state_test, read_level_opens_existing_partitions_but_creates_none) {
  admin_state readers{read_only};
  ASSERT_TRUE(readers.apply({"u/" + jane, R"({"admin":false,"suspended":false,"created":1})"}));
  const ensure_realm wish{{jane, false}, "/__partition/s-abc", "\"abc\""};
  EXPECT_EQ(readers.plan(wish, {}).error(), ec::denied);
  auto made = readers.plan(ensure_realm{admin, wish.path, wish.partition}, {now_ms, "", 1});
  ASSERT_TRUE(made);
  for (const auto& row : made->rows)
    ASSERT_TRUE(readers.apply(row));
  auto opened = readers.plan(wish, {});
  ASSERT_TRUE(opened);
  EXPECT_EQ(std::get<realm_grant>(opened->answer).allowed, read_only);
  EXPECT_EQ(std::get<realm_grant>(opened->answer).realm.partition, "\"abc\"");
}

TEST_F(admin_state_test, an_existing_realm_is_closed_to_strangers) {
  add_user(jane, "jane");
  add_user(paul, "paul");
  run<realm_grant>(ensure_realm{{jane, false}, "/" + jane + "/notes", ""});
  auto refused = plan(ensure_realm{{paul, false}, "/" + jane + "/notes", ""});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), ec::denied);
}

TEST_F(admin_state_test, realm_ids_are_never_used_again) {
  run<realm_grant>(ensure_realm{admin, "/a", ""});
  run<realm_grant>(ensure_realm{admin, "/b", ""});
  ASSERT_TRUE(state.apply({"r//b", std::nullopt}));
  EXPECT_EQ(state.realm("/b"), nullptr);
  EXPECT_EQ(run<realm_grant>(ensure_realm{admin, "/b", ""}).realm.id, 3u);
  rows.push_back({"r//b", std::nullopt});
  admin_state reloaded{no_rights};
  for (const auto& row : rows)
    ASSERT_TRUE(reloaded.apply(row));
  EXPECT_EQ(reloaded.next_realm_id(), 4u);
}

TEST_F(admin_state_test, rows_in_any_order_rebuild_the_same_state) {
  add_user(jane, "jane");
  run<realm_grant>(ensure_realm{{jane, false}, "/" + jane + "/notes", ""});
  run<bool>(revoke_token_key{"s:1", now_ms});
  admin_state reloaded{read_write};
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    ASSERT_TRUE(reloaded.apply(*row));
  EXPECT_EQ(reloaded.user(jane), state.user(jane));
  EXPECT_EQ(reloaded.account({"password", "jane"}).credential, "hash of jane");
  EXPECT_EQ(*reloaded.realm("/" + jane + "/notes"), *state.realm("/" + jane + "/notes"));
  EXPECT_EQ(reloaded.check({jane, "s:1"}).error(), auth_ec::revoked_token);
  EXPECT_EQ(reloaded.next_realm_id(), state.next_realm_id());
}

TEST_F(admin_state_test, rows_that_make_no_sense_change_nothing) {
  add_user(jane, "jane");
  const std::vector<admin_row> bad{
      {"", "{}"},
      {"u", "{}"},
      {"x/" + jane, "{}"},
      {"u/" + jane, "not JSON"},
      {"u/" + jane, "[]"},
      {"u/" + jane, R"({"admin":1,"suspended":false,"created":1})"},
      {"a/password", R"({"user":"x","credential":""})"},
      {std::string{"a/password\0jane", 15}, R"({"user":"x"})"},
      {"r//a", R"({"id":0,"owner":"","created":1,"partition":""})"},
      {"r//a", R"({"id":"7","owner":"","created":1,"partition":""})"},
      {"n/realm", R"({"next":"x"})"},
      {"n/realm", std::nullopt},
      {"n/other", R"({"next":5})"},
      {"t/s:1", R"({"expires":"never"})"},
  };
  for (const auto& row : bad)
    EXPECT_FALSE(state.apply(row)) << row.key << ' ' << row.value.value_or("-");
  EXPECT_TRUE(state.user(jane));
  EXPECT_EQ(state.account({"password", "jane"}).user_id, jane);
  EXPECT_EQ(state.realm("/a"), nullptr);
  EXPECT_EQ(state.next_realm_id(), 1u);
}

TEST_F(admin_state_test, a_plan_names_the_rows_it_rests_upon) {
  add_user(jane, "jane");
  auto realm = plan(ensure_realm{{jane, false}, "/" + jane + "/notes", ""});
  ASSERT_TRUE(realm);
  EXPECT_NE(std::find(realm->reads.begin(), realm->reads.end(), "u/" + jane), realm->reads.end());
  auto credential = plan(set_credential{{"password", "jane"}, "x"});
  ASSERT_TRUE(credential);
  EXPECT_EQ(credential->reads, std::vector<std::string>{"u/" + jane});
}

} // namespace

} // namespace ros::actors
