#include "web_worker.hpp"

namespace ros::actors {

web_worker_actor::behavior_type
web_worker(web_worker_actor::stateful_pointer<web_worker_state> self,
           const runtime::web_client_options& options, const stop_flag& stop) {
  self->state.client = std::make_unique<runtime::web_client>(options, stop);
  return {
      [self](web_call& call) {
        runtime::web_request request{std::move(call.method),
                                     std::move(call.url),
                                     {call.headers.begin(), call.headers.end()},
                                     std::move(call.body)};
        auto answer = self->state.client->fetch(request);
        if (!answer)
          return web_answer{0, {}, answer.error().message, answer.error().is_permanent};
        return web_answer{static_cast<std::uint16_t>(answer->status), std::move(answer->body)};
      },
  };
}

mail_worker_actor::behavior_type
mail_worker(mail_worker_actor::stateful_pointer<mail_worker_state> self,
            const runtime::web_client_options& options, const runtime::mail_server& server,
            const std::string& from, const stop_flag& stop) {
  self->state.client = std::make_unique<runtime::web_client>(options, stop);
  return {
      [self, server, from](mail_job& job) {
        auto sent =
            self->state.client->send(server, {from, std::move(job.to), std::move(job.text)});
        if (!sent)
          return mail_outcome{false, sent.error().message, sent.error().is_permanent};
        return mail_outcome{true};
      },
  };
}

} // namespace ros::actors
