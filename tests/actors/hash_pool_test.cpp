// The HASH POOL: one job to a worker at a time, a bounded queue, lost workers replaced.
#include "actors/hash_pool.hpp"

#include "actors/hash_worker.hpp"
#include "fake_hash_worker.hpp"
#include "support/actor_world.hpp"

#include <gtest/gtest.h>

namespace ros::actors {

namespace {

class hash_pool_test : public ::testing::Test {
public:
  void start(hash_pool_options options) {
    pool =
        world.system().spawn(hash_pool, options, [this] { return workers.spawn(world.system()); });
    world.run();
  }
  ~hash_pool_test() override {
    caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
    world.run();
  }
  void submit() {
    world.system().spawn([this](caf::event_based_actor* self) {
      self->request(pool, caf::infinite, hash_job{"secret", {}})
          .then([this](const hash_result&) { ++done; },
                [this](const caf::error& e) { errors.push_back(e); });
    });
    world.run();
  }

  ros::test::actor_world world;
  ros::test::fake_hash_workers workers;
  hash_pool_actor pool;
  int done = 0;
  std::vector<caf::error> errors;
};

TEST_F(hash_pool_test, hashes_and_checks) {
  start({});
  auto made = world.ask<hash_result>(pool, hash_job{"secret", {}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->fresh, "H(secret)");
  EXPECT_TRUE(world.ask<hash_result>(pool, hash_job{"secret", made->fresh})->matches);
  EXPECT_FALSE(world.ask<hash_result>(pool, hash_job{"guess", made->fresh})->matches);
}

TEST_F(hash_pool_test, works_on_as_many_jobs_as_there_are_workers) {
  start({3, 100});
  workers.hold = true;
  for (int i = 0; i < 10; ++i)
    submit();
  EXPECT_EQ(workers.held(), 3u);
  workers.release();
  world.run();
  EXPECT_EQ(done, 3);
  EXPECT_EQ(workers.held(), 3u);
}

TEST_F(hash_pool_test, refuses_what_would_wait_too_long) {
  start({1, 2});
  workers.hold = true;
  for (int i = 0; i < 5; ++i)
    submit();
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0], ec::overloaded);
  for (int i = 0; i < 3; ++i) {
    workers.release();
    world.run();
  }
  EXPECT_EQ(done, 3);
  submit();
  workers.release();
  world.run();
  EXPECT_EQ(done, 4) << "and takes work again";
}

TEST_F(hash_pool_test, a_worker_that_died_is_replaced) {
  start({1, 10});
  workers.hold = true;
  submit();
  submit();
  caf::anon_send_exit(workers.workers.front(), caf::exit_reason::kill);
  workers.hold = false;
  world.run();
  EXPECT_EQ(errors.size(), 1u) << "the job in hand is lost and says so";
  EXPECT_EQ(done, 1);
  EXPECT_EQ(workers.workers.size(), 2u);
  submit();
  EXPECT_EQ(done, 2);
}

TEST_F(hash_pool_test, a_real_worker_makes_argon2id_strings_and_renews_cheaper_ones) {
  const runtime::password_cost cheap{1, 8192}, dearer{2, 16384};
  auto worker = world.system().spawn(hash_worker, dearer);
  auto made = world.ask<hash_result>(worker, hash_job{"secret", {}});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->fresh.starts_with("$argon2id$")) << made->fresh;
  auto fits = world.ask<hash_result>(worker, hash_job{"secret", made->fresh});
  EXPECT_TRUE(fits->matches);
  EXPECT_EQ(fits->fresh, "");
  EXPECT_FALSE(world.ask<hash_result>(worker, hash_job{"guess", made->fresh})->matches);
  const auto old = runtime::hash_password("secret", cheap);
  auto renewed = world.ask<hash_result>(worker, hash_job{"secret", old});
  EXPECT_TRUE(renewed->matches);
  EXPECT_FALSE(runtime::needs_rehash(renewed->fresh, dearer));
  auto guess = world.ask<hash_result>(worker, hash_job{"guess", old});
  EXPECT_FALSE(guess->matches);
  EXPECT_EQ(guess->fresh, "") << "a wrong password never becomes a hash";
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  world.run();
}

} // namespace

} // namespace ros::actors
