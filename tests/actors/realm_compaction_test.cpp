// Bounded history, REALM and COMPACTOR together on both logs: who holds it back, who is
// let go, what a crash leaves, and that joiners get the state.
#include "realm_compaction_fixture.hpp"

namespace ros::actors {
namespace {

INSTANTIATE_TEST_SUITE_P(logs, realm_compaction_test,
                         ::testing::Values(log_kind::one_copy, log_kind::three_copies),
                         log_kind_name);

// -- what is compacted ------------------------------------------------------------

TEST_P(realm_compaction_test, history_shrinks_to_the_state_once_everybody_has_it) {
  auto writer = first_client();
  write_much(writer, 100);
  catch_up(writer);
  auto reader = world.join();
  const auto before = joined_state(reader);
  const auto bytes_before = bytes;
  catch_up(reader);
  tick();
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
  EXPECT_FALSE(world.stored().is_folding());
  EXPECT_EQ(joined_state(reader), before);
  EXPECT_EQ(before, server_state());
  EXPECT_LT(bytes, bytes_before / 5);
  EXPECT_LE(entries, 22u); // schema, ten creations, ten last values, one above the horizon
  EXPECT_EQ(world.stored().history_bytes, bytes);
}

TEST_P(realm_compaction_test, what_comes_later_builds_on_it_and_is_compacted_again) {
  auto writer = first_client();
  std::vector<realm_client> joiners;
  for (int i = 0; i < 4; ++i) {
    write_much(writer, 30);
    catch_up(writer);
    for (auto& x : joiners)
      catch_up(x); // or they would hold the horizon back
    tick();
    EXPECT_EQ(world.stored().horizon, world.stored().head.version);
    upload(writer, set(3, i));
    joiners.push_back(world.join("joiner"));
    EXPECT_EQ(joined_state(joiners.back()), server_state());
  }
  EXPECT_LE(entries, 22u); // schema, creations, last values, and one above the horizon
}

TEST_P(realm_compaction_test, sizes_to_come_are_true_above_and_below_the_horizon) {
  auto writer = first_client();
  write_and_compact(writer, 200);
  write_much(writer, 20);
  auto joiner = world.join();
  for (auto budget : {1, 50, 300, 100'000})
    EXPECT_EQ(joined_state(joiner, budget), server_state()); // checks every announcement
}

TEST_P(realm_compaction_test, uploads_of_a_joiner_merge_with_what_is_left) {
  auto writer = first_client();
  write_and_compact(writer, 50);
  auto joiner = world.join();
  world.upload(joiner, 2, 0, set(7, 4711));
  world.run();
  EXPECT_EQ(joiner.told->failures.size(), 0u);
  auto other = world.join();
  EXPECT_EQ(joined_state(other), server_state());
}

TEST_P(realm_compaction_test, a_small_gain_is_not_worth_it) {
  auto writer = first_client();
  write_and_compact(writer, 60);
  const auto horizon = world.stored().horizon;
  upload(writer, set(1, 1));
  catch_up(writer);
  tick();
  EXPECT_EQ(world.stored().horizon, horizon);
}

TEST_P(realm_compaction_test, much_garbage_does_not_wait_for_its_time) {
  realm_world pressed{GetParam(),
                      world_upkeep{.limits = {.ttl_ms = 0, .worth = 1, .pressing = 4000}}};
  auto writer = pressed.join();
  pressed.upload(writer, 2, 0, realm_world::sample_schema());
  for (sync::version_type v = 3; v < 400; ++v) {
    actors::integrate_upload x;
    x.client = writer.file.ident;
    x.progress = {v, v - 2};
    x.locked_version = v - 2;
    x.changesets.push_back({v, v - 2, v, set(1, static_cast<std::int64_t>(v), v == 3)});
    pressed.send_as(writer, std::move(x));
    pressed.run();
  }
  EXPECT_EQ(pressed.stored().head.version, 398u);
  EXPECT_GT(pressed.stored().horizon, 300u);
  EXPECT_LT(pressed.stored().history_bytes, 4000u);
}

// -- who holds it back ------------------------------------------------------------

TEST_P(realm_compaction_test, a_live_file_holds_history_back_and_a_reader_advances_by_reporting) {
  auto writer = first_client(), reader = world.join();
  write_and_compact(writer, 20);
  EXPECT_EQ(world.stored().horizon, 0u);
  catch_up(reader);
  tick();
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
}

TEST_P(realm_compaction_test, a_file_without_ident_does_not_hold_back_and_may_still_begin) {
  auto writer = first_client();
  auto late = world.open_session(50);
  late.file = *world.actors().ask<sync::salted_file_ident>(world.realm, allocate_client_file{"u"});
  auto odd = world.open_session(51);
  odd.file = *world.actors().ask<sync::salted_file_ident>(world.realm, allocate_client_file{"u"});
  write_much(writer, 20);
  const auto old = world.stored().head;
  write_and_compact(writer, 20);
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
  EXPECT_TRUE(world.attach(late, {}, {}));
  EXPECT_EQ(joined_state(late), server_state());
  // It cannot have downloaded anything: nobody saw its IDENT.
  expect_code(world.attach(odd, {old.version, 0}, old), 222);
}

TEST_P(realm_compaction_test, the_horizon_stays_while_somebody_is_below_it) {
  auto writer = first_client();
  write_and_compact(writer, 20);
  const auto horizon = world.stored().horizon;
  auto joiner = world.join();
  write_and_compact(writer, 40);
  EXPECT_EQ(world.stored().horizon, horizon);
  catch_up(joiner);
  tick();
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
}

TEST_P(realm_compaction_test, who_attaches_while_a_rewriting_is_prepared_is_waited_for) {
  auto writer = first_client();
  auto joiner = world.open_session(60);
  joiner.file =
      *world.actors().ask<sync::salted_file_ident>(world.realm, allocate_client_file{"u"});
  write_much(writer, 60);
  catch_up(writer);
  world.gate().hold = true; // the round stops at its first entry
  tick();
  ASSERT_EQ(world.gate().held.size(), 1u);
  auto attached =
      world.start_ask<session_attached>(joiner, attach_session{60, joiner.file, {}, {}, "u", 14});
  world.open_gate();
  ASSERT_TRUE(attached->has_value() && **attached);
  EXPECT_EQ(world.stored().horizon, 0u);
  const auto before = joined_state(joiner);
  const auto all = bytes;
  catch_up(joiner); // now nobody needs it, and nothing else has to happen
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
  EXPECT_EQ(joined_state(joiner), before);
  EXPECT_LT(bytes, all / 3);
}

TEST_P(realm_compaction_test, a_laggard_does_not_keep_a_prepared_rewriting_for_ever) {
  auto writer = first_client();
  auto joiner = world.open_session(60);
  joiner.file =
      *world.actors().ask<sync::salted_file_ident>(world.realm, allocate_client_file{"u"});
  write_much(writer, 60);
  catch_up(writer);
  world.gate().hold = true;
  tick();
  auto attached =
      world.start_ask<session_attached>(joiner, attach_session{60, joiner.file, {}, {}, "u", 14});
  world.open_gate();
  ASSERT_TRUE(attached->has_value() && **attached);
  leave(joiner);
  world.clock.advance_ms(61 * day_ms);
  tick(); // the next round lets the laggard expire
  EXPECT_TRUE(world.stored_file(joiner.file.ident)->expired);
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
}

// -- crashes and failures -----------------------------------------------------------

TEST_P(realm_compaction_test, a_crash_between_any_two_entries_leaves_the_state_to_joiners) {
  auto writer = first_client();
  write_much(writer, 40);
  catch_up(writer);
  const auto state = server_state();
  int folding_seen = 0;
  for (int entries_before = 0;; ++entries_before) {
    for (int i = 0; i <= entries_before; ++i) {
      world.gate().hold = true;
      if (i == 0)
        tick();
      if (world.gate().held.empty())
        break;
      world.pass_one_held();
    }
    const bool through = world.gate().held.empty();
    folding_seen += world.stored().is_folding() ? 1 : 0;
    world.restart(); // what was half folded goes on at once
    EXPECT_FALSE(world.stored().is_folding());
    auto joiner = world.join("joiner");
    ASSERT_EQ(joined_state(joiner), state) << entries_before;
    catch_up(joiner);
    if (through || world.stored().horizon > 0)
      break;
    writer.session = world.open_session(++next_connection).session;
    ASSERT_LT(entries_before, 200);
  }
  EXPECT_GT(world.stored().horizon, 0u);
  EXPECT_EQ(folding_seen, 1);
}

TEST_P(realm_compaction_test, a_crash_in_the_middle_of_folding_goes_on_folding) {
  auto writer = first_client();
  write_much(writer, 40);
  catch_up(writer);
  const auto state = server_state();
  world.gate().hold = true;
  tick();
  while (!world.stored().is_folding()) {
    ASSERT_FALSE(world.gate().held.empty());
    world.pass_one_held();
  }
  ASSERT_GT(world.stored().fold_last, 4u);
  while (world.stored().is_folding()) {
    world.restart_held(); // the entry at the gate is lost
    const auto record = world.stored();
    ASSERT_TRUE(record.is_folding());
    world.pass_one_held();
    EXPECT_EQ(world.stored().is_folding(), record.fold_next != record.fold_last);
  }
  world.open_gate();
  auto joiner = world.join("joiner");
  EXPECT_EQ(joined_state(joiner), state);
  EXPECT_LE(entries, 22u); // schema, ten creations, ten last values, one above the horizon
}

TEST_P(realm_compaction_test, nobody_attaches_below_the_horizon_while_it_is_being_folded) {
  auto writer = first_client();
  auto joiner = world.open_session(60);
  joiner.file =
      *world.actors().ask<sync::salted_file_ident>(world.realm, allocate_client_file{"u"});
  write_much(writer, 40);
  catch_up(writer);
  world.gate().hold = true;
  tick();
  while (!world.stored().is_folding())
    world.pass_one_held();
  auto attached =
      world.start_ask<session_attached>(joiner, attach_session{60, joiner.file, {}, {}, "u", 14});
  world.pass_one_held();
  world.run();
  EXPECT_FALSE(attached->has_value());
  // Whoever needs nothing below goes on as ever.
  world.upload(writer, next_client_version++, world.stored().head.version, set(1, 99));
  while (world.stored().is_folding())
    world.pass_one_held();
  world.open_gate();
  ASSERT_TRUE(attached->has_value() && **attached);
  EXPECT_EQ(joined_state(joiner), server_state());
  EXPECT_NE(server_state().find("99"), std::string::npos);
}

TEST_P(realm_compaction_test, uploads_go_first_while_parts_are_staged) {
  auto writer = first_client();
  write_much(writer, 40);
  catch_up(writer);
  world.gate().hold = true;
  tick();
  for (int i = 0; i < 6; ++i) {
    const auto head = world.stored().head.version;
    world.upload(writer, next_client_version++, head, set(1, 100 + i));
    world.run();
    world.pass_one_held(); // formed before the upload came
    world.pass_one_held(); // holds it
    EXPECT_EQ(world.stored().head.version, head + 1);
  }
  world.open_gate();
  EXPECT_GT(world.stored().horizon, 0u);
  expect_joiner_gets_the_state();
}

TEST_P(realm_compaction_test, a_disk_that_takes_nothing_ends_the_round_and_not_the_realm) {
  auto writer = first_client();
  write_much(writer, 40);
  catch_up(writer);
  world.gate().fail = cluster::ec::no_space;
  const auto entries_before = world.gate().entries;
  tick();
  world.run();
  EXPECT_LT(world.gate().entries, entries_before + 3); // and does not try again at once
  world.gate().fail.reset();
  EXPECT_EQ(world.stored().horizon, 0u);
  tick();
  EXPECT_EQ(world.stored().horizon, world.stored().head.version);
  expect_joiner_gets_the_state();
}

TEST_P(realm_compaction_test, a_failure_while_folding_is_made_up_for) {
  auto writer = first_client();
  write_much(writer, 40);
  catch_up(writer);
  world.gate().hold = true;
  tick();
  while (!world.stored().is_folding())
    world.pass_one_held();
  world.gate().hold = false;
  world.gate().fail = cluster::ec::io;
  world.fail_held(cluster::ec::io);
  EXPECT_TRUE(world.stored().is_folding());
  world.gate().fail.reset();
  world.actors().advance(std::chrono::minutes{2}, std::chrono::seconds{30});
  EXPECT_FALSE(world.stored().is_folding());
  expect_joiner_gets_the_state();
}

} // namespace
} // namespace ros::actors
