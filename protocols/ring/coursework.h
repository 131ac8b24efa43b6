#pragma once
// A peer of the coursework profile: the circular DHT with 8-bit ids and two successors, faithful in its rules and in
// the lines it prints. Datagrams that are confirmed and repeated replace the original's TCP connections.

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/ring/contact.h"
#include "protocols/ring/messages.h"
#include "protocols/ring/options.h"

namespace peerbed::ring::coursework {

// Limits: what would exceed one is refused, with a line where a person asked for it.
constexpr Duration patience = std::chrono::seconds(60);  // of one that asked and hears nothing
constexpr std::size_t maximum_outbox = 256;
constexpr std::size_t maximum_seen = 128;
constexpr std::size_t maximum_transfers = 16;
constexpr std::size_t maximum_requests = 16;
constexpr std::size_t maximum_file_size = 1 << 20;   // bytes
constexpr std::uint64_t received_content = 0x10000;  // received_NNNN is stored as content 0x10000 + NNNN

// A message that is repeated until its receiver confirms it.
struct Letter {
  std::uint32_t id = 0;
  Address to{};  // unset: to whichever node is the first successor when it is sent
  std::vector<std::byte> bytes{};
  Time deadline{};
  std::uint8_t attempts = 0;
  auto fields() const { return std::tie(id, to, bytes, deadline, attempts); }
};

// A file on its way to a peer, one chunk at a time.
struct Upload {
  std::uint16_t file = 0;
  Contact asker{};
  std::vector<std::byte> bytes{};
  std::uint32_t sent = 0;     // bytes
  std::uint32_t awaited = 0;  // the letter whose confirmation lets the next one go; 0: the content is being read
  auto fields() const { return std::tie(file, asker, bytes, sent, awaited); }
};

// A file that this peer asked for.
struct Download {
  std::uint16_t file = 0;
  Contact owner{};         // nobody until it has answered
  std::uint32_t size = 0;  // bytes
  std::vector<std::byte> bytes{};
  Time deadline{};
  auto fields() const { return std::tie(file, owner, size, bytes, deadline); }
};

class Peer {
 public:
  static Peer established(std::shared_ptr<const Options> options, Contact self, Contact first, Contact second);
  static Peer joining(std::shared_ptr<const Options> options, Contact self, Contact known);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);
  void on_leave(Environment& environment);
  void on_content(Environment& environment, const ContentReady& ready);

  bool joined() const noexcept { return joined_; }
  std::span<const Contact> successors() const noexcept {
    return {successors_.data(), !successors_[0] ? 0u : !successors_[1] ? 1u : 2u};
  }
  Contact first_predecessor() const noexcept { return predecessors_[0]; }
  Contact second_predecessor() const noexcept { return predecessors_[1]; }
  const std::set<std::uint16_t>& files() const noexcept { return files_; }
  bool is_cut_off() const noexcept { return cut_off_; }
  std::size_t pending() const noexcept { return downloads_.size() + outbox_.size(); }  // requests, and letters
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  Peer(std::shared_ptr<const Options> options, Contact self) : options_(std::move(options)), self_(self) {}

  // coursework.cpp: letters, pings, and the ring.
  template <class Message>
  std::uint32_t post(Environment& environment, Address to, Message message);
  void deliver(Environment& environment, Letter& letter);
  bool is_new(Address from, std::uint32_t id);
  void await(Environment& environment, Time deadline);
  void handle_overdue(Environment& environment);
  void ping(Environment& environment);
  void count_missed_pings(Environment& environment);
  void handle_first_dead(Environment& environment);
  void ask_for_second(Environment& environment);
  void report_cut_off(Environment& environment);
  void set_successors(Environment& environment, Contact first, Contact second);
  void print_successors(Environment& environment) const;
  void announce_joiner(Environment& environment);
  void maybe_exit(Environment& environment);
  bool is_alone() const noexcept { return successors_[0] == self_; }
  Contact replaced(Contact contact) const;

  void receive(Environment&, Address from, const SuccessorPing&);
  void receive(Environment&, Address from, const SuccessorPong&);
  void receive(Environment&, Address from, const Delivered&);
  void receive(Environment&, Address from, const JoinRequest&);
  void receive(Environment&, Address from, const JoinAnswer&);
  void receive(Environment&, Address from, const SuccessorChange&);
  void receive(Environment&, Address from, const Departure&);
  void receive(Environment&, Address from, const SuccessorsQuery&);
  void receive(Environment&, Address from, const Successors&);

  // coursework_files.cpp: storing and fetching.
  bool owns_file(std::uint16_t file) const noexcept;
  bool precedes_owner(std::uint16_t file) const noexcept;
  void store(Environment& environment, const StoreRequest& request);
  void request(Environment& environment, std::uint16_t file);
  void serve(Environment& environment, const FileRequest& request);
  void send_next_chunk(Environment& environment, Upload& upload);
  void handle_confirmation(Environment& environment, std::uint32_t id);
  void finish_download(Environment& environment, const Download& download);
  void handle_overdue_downloads(Environment& environment);
  void receive(Environment&, Address from, const StoreRequest&);
  void receive(Environment&, Address from, const FileRequest&);
  void receive(Environment&, Address from, const FileAnswer&);
  void receive(Environment&, Address from, const FileChunk&);

  std::shared_ptr<const Options> options_;
  Contact self_;
  Contact known_;  // the peer to join through
  std::array<Contact, 2> successors_{};
  std::array<Contact, 2> predecessors_{};
  std::array<std::uint32_t, 2> missed_{};  // consecutive pings without an answer
  std::array<bool, 2> awaiting_{};
  bool second_dead_ = false;  // and its place not yet filled
  bool joined_ = false;
  bool leaving_ = false;
  bool cut_off_ = false;
  Contact newcomer_;  // whom to announce to the predecessor once it is known
  Contact departed_;  // the peer that said last that it leaves, and its successor
  Contact departed_first_;
  Contact departed_second_;
  std::uint32_t successors_query_ = 0;
  std::uint32_t last_id_ = 0;
  Time join_deadline_ = Time::max();
  Time armed_ = Time::max();
  std::vector<Letter> outbox_;
  std::vector<std::pair<Address, std::uint32_t>> seen_;
  std::vector<Upload> uploads_;
  std::vector<Download> downloads_;
  std::set<std::uint16_t> files_;
  std::set<std::uint16_t> adopted_;  // of them, those stored without a text that the disk is asked for

 public:
  auto fields() const {
    return std::tie(options_, self_, known_, successors_, predecessors_, missed_, awaiting_, second_dead_, joined_,
                    leaving_, cut_off_, newcomer_, departed_, departed_first_, departed_second_, successors_query_,
                    last_id_, join_deadline_, armed_, outbox_, seen_, uploads_, downloads_, files_, adopted_);
  }
};

}  // namespace peerbed::ring::coursework
