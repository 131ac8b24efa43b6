#include "app/node/node_status_server.h"

#include <fcntl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <system_error>
#include <thread>

#include "adapter/base/file_descriptor.h"

namespace peerbed::app {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto patience = std::chrono::seconds(10);
constexpr std::size_t maximum_connections = 16;
constexpr std::uint32_t maximum_part = 8 * 1024;   // bytes of a request's header or body
constexpr std::size_t most_drained = 1024 * 1024;  // bytes read after an answer
constexpr auto pause_without_descriptors = std::chrono::milliseconds(200);

adapter::FileDescriptor any_descriptor() { return adapter::FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// Whether a request names this machine. A page of another site whose name was made to resolve to this machine names
// that site (DNS rebinding).
bool names_this_machine(std::string_view host) {
  if (host.ends_with(']')) return host == "[::1]";
  const std::string_view name = host.substr(0, host.rfind(':'));
  return name == "127.0.0.1" || beast::iequals({name.data(), name.size()}, "localhost") || name == "[::1]";
}

}  // namespace

struct NodeStatusServer::Implementation {
  Implementation(adapter::Host& of, std::uint16_t port, Pages shown);

  void accept();
  void refuse_one();

  adapter::Host& host;
  Pages pages;
  std::size_t connections = 0;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  adapter::FileDescriptor reserve = any_descriptor();            // closed to accept a connection that is then refused
  std::map<std::uint64_t, std::shared_ptr<Connection>> waiting;  // waiting for their pages, by number
  std::uint64_t last_number = 0;
  std::thread thread;
};

// One request and its answer.
class NodeStatusServer::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Implementation& server, tcp::socket socket) : server_(server), stream_(std::move(socket)) {
    ++server_.connections;
    parser_.header_limit(maximum_part);
    parser_.body_limit(maximum_part);
    stream_.expires_after(patience);
  }
  ~Connection() { --server_.connections; }

  void begin() {
    http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) return self->handle_request();
      if (error == http::error::header_limit)
        return self->answer(http::status::request_header_fields_too_large, {"text/plain", "the header is too long\n"});
      if (error == http::error::body_limit)
        return self->answer(http::status::payload_too_large, {"text/plain", "the body is too long\n"});
      if (error.category() == http::make_error_code(http::error::bad_method).category() &&
          error != http::error::end_of_stream)
        self->answer(http::status::bad_request, {"text/plain", "this is not an HTTP request\n"});
    });
  }

 private:
  void handle_request() {
    const auto method = parser_.get().method();
    if (method != http::verb::get && method != http::verb::head)
      return answer(http::status::method_not_allowed, {"text/plain", "only GET is answered\n"});
    const auto named = parser_.get()[http::field::host];
    if (!named.empty() && !names_this_machine({named.data(), named.size()}))
      return answer(http::status::forbidden, {"text/plain", "ask for 127.0.0.1 or localhost, not for another host\n"});
    // Pass only a number to the host's loop: the connection belongs to this thread.
    const std::uint64_t number = ++server_.last_number;
    server_.waiting.emplace(number, shared_from_this());
    server_.host.post([number, &server = server_, path = std::string(parser_.get().target())] {
      asio::post(server.context, [number, &server, page = server.pages(path)] {
        const auto found = server.waiting.extract(number);
        if (page) return found.mapped()->answer(http::status::ok, *page);
        found.mapped()->answer(http::status::not_found, {"text/plain", "try /status or /metrics\n"});
      });
    });
  }

  void answer(http::status status, const StatusPage& page) {
    response_.result(status);
    response_.version(11);
    response_.set(http::field::content_type, page.type);
    response_.set(http::field::cache_control, "no-store");
    response_.keep_alive(false);
    response_.content_length(page.text.size());
    if (parser_.get().method() != http::verb::head) response_.body() = page.text;
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code, std::size_t) {
      beast::error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      self->drain();
    });
  }

  // Unread bytes would reset the connection, and the answer might be lost.
  void drain() {
    buffer_.clear();
    drained_ += maximum_part;
    if (drained_ > most_drained) return;
    stream_.async_read_some(buffer_.prepare(maximum_part),
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->drain();
                            });
  }

  Implementation& server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request_parser<http::string_body> parser_;  // reads a body only to refuse it properly
  http::response<http::string_body> response_;
  std::size_t drained_ = 0;  // at most
};

NodeStatusServer::Implementation::Implementation(adapter::Host& of, std::uint16_t port, Pages shown)
    : host(of), pages(std::move(shown)) {
  const tcp::endpoint local(asio::ip::address_v4::loopback(), port);
  boost::system::error_code error;
  acceptor.open(local.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(local, error);
  if (!error) acceptor.listen(16, error);
  if (error)
    throw std::system_error(error.value(), std::generic_category(), "status port 127.0.0.1:" + std::to_string(port));
}

void NodeStatusServer::Implementation::accept() {
  acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (error) return refuse_one();
    if (connections < maximum_connections) std::make_shared<Connection>(*this, std::move(socket))->begin();
    accept();
  });
}

// A connection had no descriptor. It stays in the queue, so accepting would be retried at once, for ever.
void NodeStatusServer::Implementation::refuse_one() {
  reserve = {};
  beast::error_code error;
  acceptor.non_blocking(true, error);
  tcp::socket refused(context);
  acceptor.accept(refused, error);
  refused.close(error);
  reserve = any_descriptor();
  pause.expires_after(pause_without_descriptors);
  pause.async_wait([this](beast::error_code stopped) {
    if (!stopped) accept();
  });
}

NodeStatusServer::NodeStatusServer(adapter::Host& host, std::uint16_t port, Pages pages)
    : implementation_(std::make_unique<Implementation>(host, port, std::move(pages))) {
  implementation_->accept();
  implementation_->thread = std::thread([this] { implementation_->context.run(); });
}

NodeStatusServer::~NodeStatusServer() {
  implementation_->context.stop();
  implementation_->thread.join();
}

std::uint16_t NodeStatusServer::port() const noexcept { return implementation_->acceptor.local_endpoint().port(); }

}  // namespace peerbed::app
