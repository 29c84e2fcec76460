// The web for tests: answers requests as the test says, at once, and records them.
#pragma once

#include "actors/judge.hpp"
#include "actors/web_actors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ros::test {

class fake_web {
public:
  std::function<actors::web_answer(const actors::web_call&)> answer; ///< null: 404
  std::vector<actors::web_call> calls;

  actors::web_answer take(const actors::web_call& call) {
    calls.push_back(call);
    return answer ? answer(call) : actors::web_answer{404};
  }

  /// A WEB WORKER, or a WEB POOL for who does not care which it is.
  template <class Handle>
  Handle spawn(caf::actor_system& system) {
    return caf::actor_cast<Handle>(system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const actors::web_call& call) { return take(call); }};
    }));
  }

  /// For judges without an actor around them; `now_s` is read at each use.
  actors::judge_means means(const std::int64_t& now_s) {
    actors::judge_means out;
    out.ask_web = [this](const actors::web_call& call,
                         const actors::judge_means::answer_handler& then) {
      auto x = take(call);
      if (x.status == 0)
        then(caf::make_error(actors::auth_ec::provider_unreachable, x.failure));
      else
        then(std::move(x));
    };
    out.now_s = [&now_s] { return now_s; };
    return out;
  }
};

/// What a judge says.
inline caf::expected<actors::verdict> examine(actors::judge& judge,
                                              const actors::credentials& presented) {
  caf::expected<actors::verdict> out{caf::make_error(caf::sec::request_timeout)};
  judge.examine(presented, [&](caf::expected<actors::verdict> x) { out = std::move(x); });
  return out;
}
inline caf::expected<actors::verdict> examine(actors::judge& judge, const std::string& data) {
  actors::credentials x;
  x.data = data;
  return examine(judge, x);
}

} // namespace ros::test
