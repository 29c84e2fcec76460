// Three copies of a log with loss, cut-off copies, leader changes and restarts: no
// acknowledged entry is lost, and all copies end with equal bytes.
#include "support/log_world.hpp"
#include "support/replicated/log_under_test.hpp"
#include "support/replicated/replicated_log.hpp"
#include "support/storage_samples.hpp"

#include <caf/event_based_actor.hpp>

#include <gtest/gtest.h>

#include <random>

namespace ros::test {
namespace {

using namespace std::chrono_literals;

/// An entry somebody was told to be durable.
struct acknowledgement {
  std::uint64_t sequence = 0;
  sync::salt_type mark = 0;
};

/// Stands for a realm actor: one entry in flight; after any failure it reads its head from
/// storage again. Stays with its copy until that one fails it.
struct writer_state {
  static inline const char* name = "writer";
  replicated_log* log = nullptr;
  std::uint64_t realm_id = 0;
  int at = 0;
  sync::salt_type marks = 0;
  std::vector<acknowledgement>* acknowledged = nullptr;
  bool stopped = false;
};

void write_next(caf::stateful_actor<writer_state>* self) {
  auto& st = self->state;
  auto realm = make_sample_realm(st.realm_id);
  storage::realm_store store{st.log->db(st.at), realm.shard, realm.id};
  realm.record = *store.refresh();
  const auto mark = ++st.marks;
  auto entry = next_sample_entry(realm, 1 + mark % 3, 40, mark);
  self->request(st.log->log(st.at), 2s, std::move(entry))
      .then(
          [self, mark, sequence = realm.record.sequence](bool) {
            self->state.acknowledged->push_back({sequence, mark});
            self->delayed_send(self, 1ms, caf::tick_atom_v);
          },
          [self](caf::error&) {
            self->state.at = self->state.log->leader();
            self->delayed_send(self, 20ms, caf::tick_atom_v);
          });
}

caf::behavior writer(caf::stateful_actor<writer_state>* self, replicated_log* log,
                     std::uint64_t realm_id, std::vector<acknowledgement>* acknowledged) {
  self->state.log = log;
  self->state.realm_id = realm_id;
  self->state.at = log->leader();
  self->state.acknowledged = acknowledged;
  self->send(self, caf::tick_atom_v);
  return {
      [self](caf::tick_atom) {
        if (!self->state.stopped)
          write_next(self);
      },
      [self](caf::close_atom) { self->state.stopped = true; },
  };
}

constexpr std::uint64_t realms = 3;

struct replicated_log_test : testing::Test {
  log_world world;
  std::unique_ptr<replicated_log> log;
  std::vector<std::vector<acknowledgement>> acknowledged{realms + 1};
  std::vector<caf::actor> writers;

  void start(std::uint64_t seed, network_faults faults, std::size_t least_in_sync = 1) {
    log = std::make_unique<replicated_log>(world.system(),
                                           replicated_log_options{.seed = seed,
                                                                  .least_in_sync = least_in_sync,
                                                                  .database = {.fsync = false}});
    log->network().faults = faults;
    for (std::uint64_t id = 1; id <= realms; ++id)
      writers.push_back(world.system().spawn(writer, log.get(), id, &acknowledged[id]));
  }

  void pass(std::chrono::milliseconds time) { world.advance(time, 5ms); }

  std::size_t total() const {
    std::size_t sum = 0;
    for (const auto& x : acknowledged)
      sum += x.size();
    return sum;
  }

  /// Stops writing, heals everything and lets the copies catch up.
  void settle() {
    for (const auto& x : writers)
      caf::anon_send(x, caf::close_atom_v);
    for (int i = 0; i < log->copies(); ++i)
      log->network().reconnect(i);
    log->network().faults = {.loss = 0, .duplicate = 0, .max_delay = 5ms};
    pass(5s);
  }

  void check() {
    EXPECT_EQ(log->violations(), std::vector<std::string>{});
    EXPECT_EQ(log->in_sync().size(), 3u) << "everybody is back";
    for (int i = 1; i < log->copies(); ++i)
      EXPECT_TRUE(log->content(i) == log->content(0)) << "copy " << i << " differs";
    for (std::uint64_t id = 1; id <= realms; ++id) {
      const auto record = check_sample_realm(log->db(0), id);
      storage::realm_store store{log->db(0), make_sample_realm(id).shard, id};
      for (const auto& [sequence, mark] : acknowledged[id]) {
        ASSERT_LE(sequence, record.sequence);
        const auto file = store.client_file(mark_of(sequence));
        ASSERT_TRUE(file && *file) << "entry " << sequence << " of Realm " << id << " is lost";
        EXPECT_EQ((*file)->salt, mark) << "entry " << sequence << " was replaced";
      }
    }
  }

  ~replicated_log_test() override {
    for (const auto& x : writers)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    log.reset();
  }
};

TEST_F(replicated_log_test, without_faults_every_copy_has_every_entry_at_once) {
  start(1, {});
  pass(100ms);
  EXPECT_GT(total(), 10u);
  settle();
  check();
}

TEST_F(replicated_log_test, an_entry_is_not_answered_before_every_in_sync_copy_has_it) {
  start(1, {.loss = 0, .duplicate = 0, .max_delay = 2ms});
  pass(50ms);
  for (const auto& x : writers)
    caf::anon_send(x, caf::close_atom_v);
  pass(100ms);
  log->network().cut_off(2);
  const auto before = total();
  auto again = world.system().spawn(writer, log.get(), std::uint64_t{1}, &acknowledged[1]);
  pass(200ms);
  EXPECT_EQ(total(), before) << "copy 2 is still in sync and does not have it";
  pass(1s);
  EXPECT_EQ(log->in_sync(), (std::set<int>{0, 1}));
  EXPECT_GT(total(), before) << "it was taken out of the in-sync set first";
  writers.push_back(again);
  settle();
  check();
}

TEST_F(replicated_log_test, below_the_least_in_sync_count_entries_wait) {
  start(2, {.loss = 0, .duplicate = 0, .max_delay = 2ms}, 2);
  pass(100ms);
  log->network().cut_off(1);
  log->network().cut_off(2);
  pass(3s);
  const auto before = total();
  pass(5s);
  EXPECT_EQ(total(), before);
  EXPECT_GE(log->in_sync().size(), 2u);
  log->network().reconnect(1);
  log->network().reconnect(2);
  pass(5s);
  EXPECT_GT(total(), before);
  settle();
  check();
}

TEST_F(replicated_log_test, a_cut_off_leader_commits_nothing_and_its_tail_is_cut_off) {
  start(3, {.loss = 0, .duplicate = 0, .max_delay = 2ms});
  pass(200ms);
  log->network().cut_off(0);
  pass(20ms); // entries are on its disk only
  log->appoint(1);
  storage::realm_store old_leader{log->db(0), make_sample_realm(1).shard, 1};
  const auto stale = old_leader.refresh()->sequence;
  pass(5s);
  EXPECT_EQ(old_leader.refresh()->sequence, stale) << "it still believes to lead";
  storage::realm_store new_leader{log->db(1), make_sample_realm(1).shard, 1};
  EXPECT_GT(new_leader.refresh()->sequence, stale) << "the others go on";
  settle();
  check();
}

TEST_F(replicated_log_test, a_copy_that_was_away_for_long_catches_up) {
  start(4, {.loss = 0, .duplicate = 0, .max_delay = 2ms});
  pass(100ms);
  log->network().cut_off(2);
  pass(10s);
  EXPECT_EQ(log->in_sync(), (std::set<int>{0, 1}));
  EXPECT_GT(total(), 200u) << "more than fits into one request";
  log->network().reconnect(2);
  pass(5s);
  EXPECT_EQ(log->in_sync().size(), 3u);
  settle();
  check();
}

TEST_F(replicated_log_test, entries_with_damaged_bytes_are_refused_alike_everywhere) {
  log = std::make_unique<replicated_log>(world.system(),
                                         replicated_log_options{.database = {.fsync = false}});
  caf::scoped_actor self{world.system()};
  auto realm = make_sample_realm(1);
  auto bad = next_sample_entry(realm);
  bad.batch = sync::bytes{std::string(20, '\1')};
  auto pending = self->request(log->log(0), caf::infinite, bad);
  world.run();
  pending.receive([](bool) { FAIL() << "taken"; },
                  [](caf::error& e) { EXPECT_EQ(e, caf::make_error(cluster::ec::refused)); });
  realm = make_sample_realm(1);
  auto good = self->request(log->log(0), caf::infinite, next_sample_entry(realm));
  world.run();
  good.receive([](bool) {}, [](caf::error&) { FAIL() << "a refused entry must not block"; });
  settle();
  check();
}

struct random_faults_test : replicated_log_test, testing::WithParamInterface<std::uint64_t> {};

TEST_P(random_faults_test, no_acknowledged_entry_is_lost_and_all_copies_are_equal) {
  const auto seed = GetParam();
  std::mt19937_64 random{seed};
  const auto pick = [&](int n) { return static_cast<int>(random() % n); };
  start(seed, {.loss = 0.15, .duplicate = 0.1, .max_delay = 30ms}, 1 + seed % 2);
  for (int round = 0; round < 25; ++round) {
    pass(std::chrono::milliseconds{20 + pick(600)});
    switch (pick(5)) {
    case 0:
      log->network().cut_off(pick(3));
      break;
    case 1:
    case 2:
      log->network().reconnect(pick(3));
      break;
    case 3: { // any in-sync copy that the arbiter can reach may lead
      const auto next = pick(3);
      if (log->in_sync().contains(next) && log->network().reachable(next))
        log->appoint(next);
      break;
    }
    default:
      log->restart(pick(3));
    }
    ASSERT_EQ(log->violations(), std::vector<std::string>{});
  }
  for (int i = 0; i < 3; ++i)
    log->network().reconnect(i);
  pass(3s);
  EXPECT_GT(total(), 20u);
  settle();
  check();
}

INSTANTIATE_TEST_SUITE_P(seeds, random_faults_test, testing::Range<std::uint64_t>(1, 21));

struct log_seam_test : testing::TestWithParam<log_kind> {
  log_world world;
  log_under_test log{world.system(), GetParam(), {.fsync = false}};
  caf::scoped_actor self{world.system()};

  /// The answer as text.
  std::string write(const storage::log_entry& entry) {
    auto pending = self->request(log.log(), caf::infinite, entry);
    world.run();
    std::string answer;
    pending.receive([&](bool yes) { answer = yes ? "true" : "false"; },
                    [&](caf::error& e) {
                      answer = e == caf::make_error(cluster::ec::refused) ? "refused" : "other";
                    });
    return answer;
  }
};

TEST_P(log_seam_test, an_answered_entry_is_visible_to_readers_and_survives_a_restart) {
  auto realm = make_sample_realm(1);
  for (int round = 0; round < 4; ++round) {
    EXPECT_EQ(write(next_sample_entry(realm, 3)), "true");
    EXPECT_EQ(check_sample_realm(log.db(), 1), realm.record);
    log.restart();
    EXPECT_EQ(check_sample_realm(log.db(), 1), realm.record);
  }
}

TEST_P(log_seam_test, an_entry_that_does_not_follow_is_refused) {
  auto realm = make_sample_realm(1);
  const auto first = next_sample_entry(realm), second = next_sample_entry(realm);
  EXPECT_EQ(write(second), "refused");
  EXPECT_EQ(write(first), "true");
  EXPECT_EQ(write(first), "refused");
  EXPECT_EQ(write(second), "true");
}

INSTANTIATE_TEST_SUITE_P(logs, log_seam_test,
                         testing::Values(log_kind::one_copy, log_kind::three_copies),
                         log_kind_name);

} // namespace
} // namespace ros::test
