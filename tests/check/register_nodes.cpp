#include "tests/check/register_nodes.h"

#include <algorithm>

namespace peerbed::check {

void AbdServer::receive(Environment& environment, const RegisterNetwork& network, std::uint8_t from,
                        const RegisterMessage& message) {
  switch (message.kind) {
    case Kind::put:
    case Kind::get:
      return begin(environment, network, from, message);
    case Kind::query:
      return environment.send(address_of(from),
                              RegisterMessage{Kind::query_answer, message.request, value_, stamp_, {}});
    case Kind::query_answer:
      if (auto* ask = std::get_if<Ask>(&phase_); ask && ask->request == message.request) {
        ask->answers[from] = {message.stamp, message.value};
        if (ask->answers.size() == network.majority()) tell(environment, network, Ask(*ask));
      }
      return;
    case Kind::record:
      environment.send(address_of(from), RegisterMessage{Kind::record_done, message.request, 0, {}, {}});
      return take(message.stamp, message.value);
    case Kind::record_done:
      if (auto* tell = std::get_if<Tell>(&phase_); tell && tell->request == message.request) {
        tell->done.insert(from);
        if (tell->done.size() < network.majority()) return;
        environment.send(
            address_of(tell->client),
            RegisterMessage{
                tell->read ? Kind::get_done : Kind::put_done, tell->request, tell->read.value_or(0), {}, {}});
        phase_ = std::monostate{};
      }
      return;
    default:
      return;
  }
}

void AbdServer::begin(Environment& environment, const RegisterNetwork& network, std::uint8_t client,
                      const RegisterMessage& message) {
  if (phase_.index() != 0) return;
  network.send_to_others(environment, {Kind::query, message.request, 0, {}, {}});
  Ask ask{message.request, client, std::nullopt, {{network.self, {stamp_, value_}}}};
  if (message.kind == Kind::put) ask.write = message.value;
  phase_ = std::move(ask);
}

void AbdServer::tell(Environment& environment, const RegisterNetwork& network, const Ask& ask) {
  const auto latest = std::max_element(ask.answers.begin(), ask.answers.end(),
                                       [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
  auto [stamp, value] = latest->second;
  Tell tell{ask.request, ask.client, std::nullopt, {network.self}};
  if (ask.write) {
    stamp = {static_cast<std::uint8_t>(stamp.number + 1), network.self};
    value = *ask.write;
  } else {
    tell.read = value;
  }
  network.send_to_others(environment, {Kind::record, ask.request, value, stamp, {}});
  take(stamp, value);
  phase_ = std::move(tell);
}

void AbdServer::take(Stamp stamp, std::uint8_t value) {
  if (stamp <= stamp_) return;
  stamp_ = stamp;
  value_ = value;
}

void PaxosServer::receive(Environment& environment, const RegisterNetwork& network, std::uint8_t from,
                          const RegisterMessage& message) {
  if (is_decided_) {
    if (message.kind == Kind::get)
      environment.send(address_of(from),
                       RegisterMessage{Kind::get_done, message.request, accepted_->proposal.value, {}, {}});
    return;
  }
  switch (message.kind) {
    case Kind::put:
      if (!proposal_) propose(environment, network, {message.request, from, message.value});
      return;
    case Kind::prepare:
      if (message.stamp <= ballot_) return;
      ballot_ = message.stamp;
      return environment.send(address_of(from), RegisterMessage{Kind::prepared, 0, 0, ballot_, accepted_});
    case Kind::prepared:
      if (message.stamp == ballot_) take_promise(environment, network, from, message.last);
      return;
    case Kind::accept:
      if (message.stamp < ballot_) return;
      ballot_ = message.stamp;
      accepted_ = message.last;
      return environment.send(address_of(from), RegisterMessage{Kind::accepted, 0, 0, ballot_, {}});
    case Kind::accepted:
      if (message.stamp == ballot_) take_accept(environment, network, from);
      return;
    case Kind::decided:
      ballot_ = message.stamp;
      accepted_ = message.last;
      is_decided_ = true;
      return;
    default:
      return;
  }
}

void PaxosServer::propose(Environment& environment, const RegisterNetwork& network, Proposal proposal) {
  proposal_ = proposal;
  ballot_ = {static_cast<std::uint8_t>(ballot_.number + 1), network.self};
  accepts_.clear();
  promises_ = {{network.self, accepted_}};
  network.send_to_others(environment, {Kind::prepare, 0, 0, ballot_, {}});
}

// With a majority of promises it proposes what was accepted last, if anything was.
void PaxosServer::take_promise(Environment& environment, const RegisterNetwork& network, std::uint8_t from,
                               const std::optional<Accepted>& last) {
  promises_[from] = last;
  if (promises_.size() != network.majority()) return;
  const auto latest = std::max_element(promises_.begin(), promises_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (latest->second) proposal_ = latest->second->proposal;
  accepted_ = Accepted{ballot_, *proposal_};
  accepts_.insert(network.self);
  network.send_to_others(environment, {Kind::accept, 0, 0, ballot_, accepted_});
}

void PaxosServer::take_accept(Environment& environment, const RegisterNetwork& network, std::uint8_t from) {
  accepts_.insert(from);
  if (accepts_.size() != network.majority()) return;
  is_decided_ = true;
  network.send_to_others(environment, {Kind::decided, 0, 0, ballot_, Accepted{ballot_, *proposal_}});
  environment.send(address_of(proposal_->client), RegisterMessage{Kind::put_done, proposal_->request, 0, {}, {}});
}

}  // namespace peerbed::check
