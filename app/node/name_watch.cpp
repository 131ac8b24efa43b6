#include "app/node/name_watch.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace peerbed::app {

namespace {

constexpr Duration longest_pause = std::chrono::seconds(60);

// Nothing if the name does not exist, or no name server answers.
std::vector<adapter::Endpoint> resolved(const std::string& name) {
  try {
    return adapter::Endpoint::resolve(name);
  } catch (const std::runtime_error&) {
    return {};
  }
}

}  // namespace

struct NameWatch::Home {
  std::mutex mutex;
  NameWatch* watch = nullptr;  // null once it is destroyed
};

NameWatch::NameWatch(adapter::Host& host, Found found)
    : host_(host), found_(std::move(found)), home_(std::make_shared<Home>()) {
  home_->watch = this;
}

NameWatch::~NameWatch() {
  const std::lock_guard lock(home_->mutex);
  home_->watch = nullptr;
}

// The resolver may take half a minute and cannot be interrupted, so the thread is detached and may outlive the watch.
void NameWatch::look_up(const std::string& name) {
  Lookup& lookup = lookups_[name];
  if (lookup.is_running || host_.now() < lookup.next) return;
  lookup.is_running = true;
  std::thread([home = home_, name] {
    const std::vector<adapter::Endpoint> endpoints = resolved(name);
    const std::lock_guard lock(home->mutex);
    if (home->watch == nullptr) return;
    home->watch->host_.post([home, name, endpoints] {
      if (home->watch != nullptr) home->watch->take(name, endpoints);
    });
  }).detach();
}

void NameWatch::forget(const std::string& name) {
  const auto lookup = lookups_.find(name);
  if (lookup != lookups_.end() && !lookup->second.is_running) lookups_.erase(lookup);
}

void NameWatch::take(const std::string& name, const std::vector<adapter::Endpoint>& endpoints) {
  Lookup& lookup = lookups_[name];
  lookup.is_running = false;
  lookup.next = host_.now() + lookup.pause;
  lookup.pause = std::min(2 * lookup.pause, longest_pause);
  if (!endpoints.empty()) found_(name, endpoints);
}

}  // namespace peerbed::app
