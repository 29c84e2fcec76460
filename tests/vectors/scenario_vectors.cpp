// Golden vectors of whole sessions: one Realm on a server and several clients.
// Everything the server stores and sends is compared byte for byte, and so is the
// state each client ends with.
#include "vectors/scenario_clients.hpp"
#include "vectors/scenario_server.hpp"

namespace ros::vectors {
namespace {

void run_scenario(const json::object& v, checks& c) {
  scenario_server server(v.at("clients").as_array());
  scenario_clients clients(v);
  json::value state;
  json::value schema;
  const json::array& steps = v.at("steps").as_array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const json::object& step = steps[i].as_object();
    const std::string op(step.at("op").as_string());
    checks outcome;
    if (op == "upload") {
      clients.before_upload(i, outcome);
      server.upload(step, outcome);
    } else if (op == "download") {
      clients.after_download(i, server.download(step, outcome), outcome);
    } else if (op == "reconnect") {
      server.reconnect(step, outcome);
    } else if (op == "ident") {
      server.identify(step, outcome);
    } else if (op == "state") {
      state = step.at("expect");
      schema = step.at("schema");
      server.compare_state(step, outcome);
    } else if (op == "clients") {
      clients.compare(step.at("expect").as_object(), state, schema, outcome);
    } else {
      outcome.fail("unknown step " + op);
    }
    for (const std::string& problem : outcome.problems())
      c.fail("step " + std::to_string(i) + " (" + op + "): " + problem);
    if (!outcome.problems().empty())
      return; // the rest follows from it
  }
}

} // namespace

class scenario_vectors : public suite {};
TEST_P(scenario_vectors, server_and_clients_end_the_same_byte_for_byte) {
  run_file(GetParam(), run_scenario);
}
VECTOR_SUITE(scenario_vectors, [] {
  auto found = files("merge/");
  std::erase_if(found, [](const file& f) { return f.name.starts_with("merge/two-sided/"); });
  return found;
}());
} // namespace ros::vectors
