#include "vectors/scenario_clients.hpp"

#include "support/state_json.hpp"
#include "vectors/vector_changeset.hpp"
#include "vectors/vector_json.hpp"

#include <algorithm>
#include <limits>

namespace ros::vectors {

namespace {

constexpr auto everything = std::numeric_limits<sync::version_type>::max();

/// The clients whose own database the scenario says something about.
std::set<sync::file_ident> compared_clients(const json::object& scenario) {
  std::set<sync::file_ident> found;
  for (const json::value& step : scenario.at("steps").as_array())
    if (step.at("op").as_string() == "clients")
      for (const auto& [client, expected] : step.at("expect").as_object())
        found.insert(std::stoull(std::string(client)));
  return found;
}

} // namespace

scenario_clients::scenario_clients(const json::object& scenario)
    : may_fail_(scenario.contains("client_error")) {
  for (const sync::file_ident client : compared_clients(scenario))
    devices_.try_emplace(client, client);
  const json::array& steps = scenario.at("steps").as_array();
  std::map<sync::file_ident, sync::version_type> next_from; // of the downloads behind this step
  for (std::size_t i = steps.size(); i-- > 0;) {
    const json::object& step = steps[i].as_object();
    const std::string op(step.at("op").as_string());
    if (op != "upload" && op != "download")
      continue;
    const sync::file_ident client = to_uint64(step.at("client"));
    client_of_step_[i] = client;
    if (op == "upload") {
      plan_upload(step);
      const json::array& changesets = step.at("changesets").as_array();
      last_of_upload_[i] = changesets.empty() ? 0 : to_uint64(changesets.back().at("cv"));
      continue;
    }
    auto [next, is_last] = next_from.try_emplace(client, everything);
    if (to_uint64(step.at("expect").at("to").at(0)) > next->second)
      lost_downloads_.insert(i);
    next->second = std::min(next->second, to_uint64(step.at("from").at(0)));
  }
}

void scenario_clients::plan_upload(const json::object& step) {
  device* const d = find(to_uint64(step.at("client")));
  if (!d)
    return;
  for (const json::value& changeset : step.at("changesets").as_array())
    d->plan[to_uint64(changeset.at("cv"))] = {to_uint64(changeset.at("sv")),
                                              to_uint64(changeset.at("ts")),
                                              sync::bytes(changeset_bytes(changeset))};
}

scenario_clients::device* scenario_clients::find(sync::file_ident client) {
  auto it = devices_.find(client);
  return it == devices_.end() ? nullptr : &it->second;
}

void scenario_clients::commit_up_to(device& d, sync::version_type base,
                                    sync::version_type client_version, checks& c) {
  while (!d.plan.empty() && d.error.empty()) {
    const auto next = d.plan.begin();
    if (next->second.base > base || next->first > client_version)
      return;
    auto made = d.model.commit(next->second.timestamp, next->second.data, next->first);
    if (!made) {
      d.error = made.error().message;
      c.fail("client " + std::to_string(d.model.ident()) + " cannot commit version " +
             std::to_string(next->first) + ": " + d.error);
    }
    d.plan.erase(next);
  }
}

void scenario_clients::before_upload(std::size_t step, checks& c) {
  if (device* const d = find(client_of_step_.at(step)))
    commit_up_to(*d, everything, last_of_upload_.at(step), c);
}

void scenario_clients::after_download(std::size_t step, const sync::scanned_history& message,
                                      checks& c) {
  device* const d = find(client_of_step_.at(step));
  if (!d || lost_downloads_.contains(step))
    return;
  commit_up_to(*d, d->model.cursor().server_version, everything, c);
  if (!d->error.empty())
    return;
  auto integrated = d->model.integrate(message);
  if (integrated)
    return;
  d->error = integrated.error().message;
  if (!may_fail_)
    c.fail("client " + std::to_string(d->model.ident()) + " cannot integrate step " +
           std::to_string(step) + ": " + d->error);
}

void scenario_clients::compare(const json::object& expect, const json::value& state,
                               const json::value& schema, checks& c) {
  const bool stuck =
      std::ranges::any_of(devices_, [](const auto& d) { return !d.second.error.empty(); });
  c.expect(stuck == may_fail_, "a client got stuck although it should not, or the other way round");
  for (const auto& [name, wanted] : expect) {
    device* const d = find(std::stoull(std::string(name)));
    const std::string who = "client " + std::string(name);
    // What it did on its own after it got stuck was never uploaded.
    if (!d->error.empty())
      continue;
    const bool same = wanted.is_string();
    c.expect_json(who + " state", test::state_to_json(sync::object_reader(d->model.state())),
                  same ? state : wanted);
    if (same)
      c.expect_json(who + " schema", test::schema_to_json(sync::object_reader(d->model.state())),
                    schema);
  }
}

} // namespace ros::vectors
