-- A Wireshark dissector for the datagrams of Peerbed's protocols, and for the frames of the swarm's streams:
--   wireshark -X lua_script:peerbed.lua run.pcap
-- The layouts are those of messages.h in protocols/ring, protocols/coursework, protocols/kademlia, protocols/swim and
-- protocols/swarm, and of protocols/swarm/wire/frame.h: version, kind, members in network byte order, and a 32-bit checksum. Protocols use the same
-- kind numbers, so a datagram belongs to the one whose layout it fills to the last byte, trying the ring first and the
-- swarm last, unless the preference names one.

local peerbed = Proto("peerbed", "Peerbed")
local swarm_stream = Proto("peerbed_stream", "Peerbed swarm stream")
local host_port = 4000

peerbed.prefs.protocol = Pref.enum("Protocol", 0, "Whose messages the datagrams are",
  { { 1, "by their layout", 0 }, { 2, "ring", 1 }, { 3, "swarm", 2 }, { 4, "coursework", 3 }, { 5, "kademlia", 4 },
    { 6, "swim", 5 } }, false)
peerbed.prefs.port = Pref.uint("Port", host_port, "The port of Peerbed's nodes")

-- Members --------------------------------------------------------------------------------------------------------------

-- A type reads its member at an offset, and returns its text and the offset after it; nothing if the datagram
-- is too short for it, or holds an invalid value.
local function bytes_of_size(size)
  return function(buffer, at)
    if at + size > buffer:len() then return nil end
    return tostring(buffer(at, size):bytes()):lower(), at + size
  end
end

local function number_of_size(size, highest)
  return function(buffer, at)
    if at + size > buffer:len() then return nil end
    local value = buffer(at, size)
    local number = size == 8 and value:uint64() or value:uint()
    if highest and number > highest then return nil end
    return tostring(number), at + size
  end
end

local u8, u16, u32, u64 = number_of_size(1), number_of_size(2), number_of_size(4), number_of_size(8)

local function yes_or_no(buffer, at)
  local value, behind = number_of_size(1, 1)(buffer, at)
  if value then return value == "1" and "yes" or "no", behind end
end

local function one_of(...)
  local words = { ... }
  return function(buffer, at)
    local value, behind = number_of_size(1, #words - 1)(buffer, at)
    if value then return words[tonumber(value) + 1], behind end
  end
end

local function key(buffer, at)
  return bytes_of_size(8)(buffer, at)
end

local function address(buffer, at)
  if at + 1 > buffer:len() then return nil end
  local family = buffer(at, 1):uint()
  if family == 0 then return "nobody", at + 1 end
  if family == 4 and at + 7 <= buffer:len() then
    return tostring(buffer(at + 1, 4):ipv4()) .. ":" .. buffer(at + 5, 2):uint(), at + 7
  end
  if family == 6 and at + 19 <= buffer:len() then
    return "[" .. tostring(buffer(at + 1, 16):ipv6()) .. "]:" .. buffer(at + 17, 2):uint(), at + 19
  end
end

local function sized_bytes(buffer, at)
  if at + 2 > buffer:len() then return nil end
  local size = buffer(at, 2):uint()
  if at + 2 + size > buffer:len() then return nil end
  local shown = size == 0 and "" or ": " .. tostring(buffer(at + 2, size):bytes()):lower()
  return size .. " bytes" .. shown, at + 2 + size
end

local function name(buffer, at)
  local value, behind = sized_bytes(buffer, at)
  if value then return behind == at + 2 and "''" or "'" .. buffer(at + 2, behind - at - 2):string() .. "'", behind end
end

-- Formats several members as one line: "key 0123456789abcdef, address 10.0.0.1:4000".
local function structure(members)
  return function(buffer, at)
    local parts = {}
    for _, member in ipairs(members) do
      local value, behind = member[2](buffer, at)
      if not value then return nil end
      parts[#parts + 1] = member[1] .. " " .. value
      at = behind
    end
    return table.concat(parts, ", "), at
  end
end

local function list_of(element, limit)
  return function(buffer, at)
    local count, behind = number_of_size(1, limit)(buffer, at)
    if not count then return nil end
    local items = {}
    for i = 1, tonumber(count) do
      items[i], behind = element(buffer, behind)
      if not items[i] then return nil end
    end
    return count .. (#items > 0 and ": " .. table.concat(items, "; ") or ""), behind
  end
end

-- Messages -------------------------------------------------------------------------------------------------------------

local contact = structure { { "key", key }, { "at", address } }
local contacts = list_of(contact, 32)
local stamp = structure { { "time", u64 }, { "operation", bytes_of_size(8) } }
local copy = structure { { "stamp", stamp }, { "until", u64 }, { "checksum", bytes_of_size(8) }, { "value", sized_bytes } }
local context = structure { { "question", u32 }, { "placement", u32 } }
local offered = structure { { "key", key }, { "stamp", stamp } }
local part = structure { { "end", key }, { "count", u32 }, { "digest", bytes_of_size(8) } }
local verdict = structure { { "key", key }, { "want", one_of("send", "held", "newer", "settled", "not_mine") } }

local ring = {
  name = "ring", version = 3,
  { "find", { "id", u32 }, { "token", u32 }, { "key", key }, { "asker", address },
    { "purpose", one_of("lookup", "holders", "join", "copies", "introduction") }, { "at owner", yes_or_no },
    { "hops", u8 }, { "timeouts", u8 } },
  { "found", { "id", u32 }, { "hops", u8 }, { "timeouts", u8 }, { "holders", contacts } },
  { "hop_taken", { "token", u32 } },
  { "next_hop_query", { "id", u32 }, { "key", key }, { "at owner", yes_or_no } },
  { "next_hops", { "id", u32 }, { "self", key }, { "at owner", yes_or_no }, { "contacts", contacts } },
  { "welcome", { "id", u32 }, { "taken", yes_or_no }, { "member", contact }, { "successors", contacts } },
  { "neighbours_query", { "id", u32 } },
  { "neighbours", { "id", u32 }, { "self", key }, { "predecessor", contact }, { "successors", contacts },
    { "incarnation", u32 }, { "incarnations", list_of(u32, 32) } },
  { "notify", { "self", key }, { "incarnation", u32 } },
  { "ping", { "id", u32 } },
  { "pong", { "id", u32 }, { "self", key } },
  { "leaving", { "self", key }, { "incarnation", u32 } },
  { "put", { "id", u32 }, { "key", key }, { "copy", copy } },
  { "put_done", { "id", u32 }, { "outcome", one_of("stored", "not_owner", "refused", "outdated") }, { "stamp", stamp } },
  { "get", { "id", u32 }, { "key", key } },
  { "value", { "id", u32 }, { "here", yes_or_no }, { "certain", yes_or_no }, { "copy", copy },
    { "elsewhere", list_of(contact, 8) } },
  { "replicate", { "context", context }, { "key", key }, { "copy", copy } },
  { "replicated", { "context", context }, { "key", key }, { "stamp", stamp } },
  { "offer", { "context", context }, { "purpose", one_of("hold", "hand_off", "leave") }, { "begin", key }, { "end", key },
    { "offered", list_of(offered, 32) } },
  { "offer_answer", { "context", context }, { "incarnation", u32 }, { "more", yes_or_no }, { "next", contact },
    { "verdicts", list_of(verdict, 32) } },
  { "compare", { "context", context }, { "whole", yes_or_no }, { "informed", yes_or_no }, { "owner", key },
    { "begin", key }, { "parts", list_of(part, 16) } },
  { "compared", { "context", context }, { "incarnation", u32 }, { "informed", yes_or_no }, { "same", u32 },
    { "counts", list_of(u32, 16) } },
}

ring[255] = { "version_notice" }

local coursework = { name = "coursework", version = 3, [255] = ring[255] }

-- Its kinds go on after the ring's.
for i, message in ipairs {
  { "successor_ping", { "id", u32 }, { "self", key }, { "second", yes_or_no } },
  { "successor_pong", { "id", u32 }, { "self", key } },
  { "delivered", { "id", u32 } },
  { "join_request", { "id", u32 }, { "joiner", contact } },
  { "join_answer", { "id", u32 }, { "accepted", yes_or_no }, { "first", contact }, { "second", contact } },
  { "successor_change", { "id", u32 }, { "first", contact }, { "second", contact } },
  { "departure", { "id", u32 }, { "leaver", key }, { "first", contact }, { "second", contact } },
  { "successors_query", { "id", u32 } },
  { "successors", { "id", u32 }, { "query", u32 }, { "self", key }, { "first", contact }, { "second", contact } },
  { "store_request", { "id", u32 }, { "file", u16 }, { "at owner", yes_or_no }, { "value", sized_bytes } },
  { "file_request", { "id", u32 }, { "file", u16 }, { "at owner", yes_or_no }, { "asker", contact } },
  { "file_answer", { "id", u32 }, { "file", u16 }, { "owner", contact }, { "here", yes_or_no }, { "size", u32 } },
  { "file_chunk", { "id", u32 }, { "file", u16 }, { "offset", u32 }, { "bytes", sized_bytes } },
} do
  coursework[#ring + i] = message
end

-- The ring's go on after the coursework's.
for i, message in ipairs {
  { "call_back_query", { "id", u32 } },
  { "call_back", { "id", u32 }, { "asker", address } },
  { "called", { "id", u32 }, { "seen", address }, { "by others", yes_or_no } },
} do
  ring[39 + i] = message
end

local kademlia = { name = "kademlia", version = 1, [255] = ring[255] }
local identifier = bytes_of_size(20)
local kademlia_contact = structure { { "id", identifier }, { "address", address } }
local kademlia_copy = structure { { "stamp", stamp }, { "lifetime", u64 }, { "bytes", sized_bytes } }

for i, message in ipairs {
  { "ping", { "id", u32 }, { "self", identifier } },
  { "pong", { "id", u32 }, { "self", identifier }, { "token", u64 } },
  { "find_node", { "id", u32 }, { "self", identifier }, { "target", identifier } },
  { "nodes", { "id", u32 }, { "self", identifier }, { "token", u64 }, { "contacts", list_of(kademlia_contact, 32) } },
  { "find_value", { "id", u32 }, { "self", identifier }, { "key", identifier } },
  { "value", { "id", u32 }, { "self", identifier }, { "copy", kademlia_copy } },
  { "store", { "id", u32 }, { "self", identifier }, { "token", u64 }, { "key", identifier }, { "copy", kademlia_copy } },
  { "stored", { "id", u32 }, { "self", identifier }, { "outcome", one_of("stored", "outdated", "refused", "bad_token") },
    { "stamp", stamp } },
} do
  kademlia[39 + i] = message
end

local swim = { name = "swim", version = 1, [255] = ring[255] }
local updates = { "updates", list_of(structure { { "member", address }, { "incarnation", u32 },
  { "standing", one_of("alive", "suspect", "dead") }, { "accuser", address } }, 32) }

for i, message in ipairs {
  { "ping", { "number", u32 }, updates },
  { "ack", { "number", u32 }, updates },
  { "ping_request", { "number", u32 }, { "target", address }, updates },
  { "nack", { "number", u32 }, updates },
  { "list_request", { "number", u32 }, { "after", address }, { "digest", u64 }, updates },
  { "list_page", { "number", u32 }, updates },
  { "news", updates },
} do
  swim[59 + i] = message
end

local root = bytes_of_size(32)
local list_version = structure { { "epoch", u64 }, { "changes", u64 } }
local file = structure { { "root", root }, { "size", u64 }, { "complete", yes_or_no }, { "name", name } }
local change = structure { { "peer", address }, { "listed", yes_or_no } }

local swarm = {
  name = "swarm", version = 2,
  { "enrol" },
  { "heartbeat", { "version", list_version }, { "number", u32 } },
  { "alive", { "epoch", u64 }, { "number", u32 } },
  { "leaving" },
  { "list_query", { "held", list_version }, { "after", address } },
  { "list_page", { "version", list_version }, { "after", address }, { "last", yes_or_no },
    { "peers", list_of(address, 200) } },
  { "list_changes", { "from", list_version }, { "changes", list_of(change, 178) } },
  { "offers_query", { "id", u32 }, { "first", u32 } },
  { "offers", { "id", u32 }, { "first", u32 }, { "total", u32 }, { "files", list_of(file, 32) } },
  { "find", { "id", u32 }, { "root", root }, { "name", name } },
  { "found", { "id", u32 }, { "file", file } },
  { "introduce", { "peer", address }, { "root", root } },
  { "introduced", { "peer", address }, { "listed", address }, { "root", root } },
  { "knock" },
}

swarm[255] = ring[255]

-- Datagrams ------------------------------------------------------------------------------------------------------------

local fields = {
  protocol = ProtoField.string("peerbed.protocol", "Protocol"),
  version = ProtoField.uint8("peerbed.version", "Version"),
  kind = ProtoField.string("peerbed.kind", "Kind"),
  member = ProtoField.string("peerbed.member", "Member"),
  check = ProtoField.uint32("peerbed.check", "Check", base.HEX),
}
peerbed.fields = { fields.protocol, fields.version, fields.kind, fields.member, fields.check }
local malformed = ProtoExpert.new("peerbed.malformed", "Fits no message of a protocol",
  expert.group.MALFORMED, expert.severity.WARN)
peerbed.experts = { malformed }

local header_size, check_size = 2, 4

-- The members of a message as {name, value, offset, size}; nothing if the datagram is not exactly one message.
local function members_in(buffer, message)
  local found, at = {}, header_size
  local body = buffer(0, buffer:len() - check_size):tvb()
  for i = 2, #message do
    local value, behind = message[i][2](body, at)
    if not value then return nil end
    found[#found + 1] = { message[i][1], value, at, behind - at }
    at = behind
  end
  return at == body:len() and found or nil
end

-- The protocols that the user chose, or all. Messages of several can look alike: those of this version come first.
local function candidates(version)
  local chosen = peerbed.prefs.protocol
  if chosen == 1 then return { ring } end
  if chosen == 2 then return { swarm } end
  if chosen == 3 then return { coursework } end
  if chosen == 4 then return { kademlia } end
  if chosen == 5 then return { swim } end
  local first, others = {}, {}
  for _, protocol in ipairs { ring, coursework, kademlia, swim, swarm } do
    local list = protocol.version == version and first or others
    list[#list + 1] = protocol
  end
  for _, protocol in ipairs(others) do first[#first + 1] = protocol end
  return first
end

-- Address validation: readable without a cluster key (adapter/datagrams/address_validator.h).
local function validation_in(buffer)
  local first, size = buffer(0, 1):uint(), buffer:len()
  if first == 0xF2 and size == 9 then return "address challenge" end
  if first == 0xF3 and size == 17 then return "answer to an address challenge" end
end

function peerbed.dissector(buffer, packet, tree)
  packet.cols.protocol = "Peerbed"
  local validation = validation_in(buffer)
  if validation then
    packet.cols.info = validation
    tree:add(peerbed, buffer()):append_text(" " .. validation)
    return buffer:len()
  end
  local branch = tree:add(peerbed, buffer())
  if buffer:len() >= header_size + check_size then
    for _, protocol in ipairs(candidates(buffer(0, 1):uint())) do
      local message = protocol[buffer(1, 1):uint()]
      local members = message and members_in(buffer, message)
      if members then
        packet.cols.info = protocol.name .. " " .. message[1]
        branch:append_text(" " .. protocol.name .. " " .. message[1])
        branch:add(fields.protocol, protocol.name):set_generated()
        branch:add(fields.version, buffer(0, 1))
        branch:add(fields.kind, buffer(1, 1), message[1])
        for _, member in ipairs(members) do
          branch:add(fields.member, buffer(member[3], member[4]), member[2]):set_text(member[1] .. ": " .. member[2])
        end
        branch:add(fields.check, buffer(buffer:len() - check_size, check_size))
        return buffer:len()
      end
    end
  end
  packet.cols.info = "of no known kind, or damaged"
  branch:add_proto_expert_info(malformed)
  return buffer:len()
end

-- The swarm's streams --------------------------------------------------------------------------------------------------

local frame_kinds = { "hello", "pieces", "have", "interested", "not_interested", "unchoke", "choke", "choke_seen",
  "request", "cancel", "block", "reject", "manifest_query", "manifest", "suggest", "goodbye" }
local frame_size = 18

local frame_fields = {
  version = ProtoField.uint8("peerbed_stream.version", "Version"),
  kind = ProtoField.string("peerbed_stream.kind", "Kind"),
  piece = ProtoField.uint32("peerbed_stream.piece", "Piece"),
  offset = ProtoField.uint32("peerbed_stream.offset", "Offset"),
  size = ProtoField.uint32("peerbed_stream.size", "Size"),
  check = ProtoField.uint32("peerbed_stream.check", "Check", base.HEX),
}
swarm_stream.fields = { frame_fields.version, frame_fields.kind, frame_fields.piece, frame_fields.offset,
  frame_fields.size, frame_fields.check }

-- A peer reads a frame's header and then its body: a segment of a capture holds one or the other.
function swarm_stream.dissector(buffer, packet, tree)
  local kind = buffer:len() == frame_size and buffer(0, 1):uint() == 2 and frame_kinds[buffer(1, 1):uint()]
  packet.cols.protocol = "Peerbed"
  if not kind then
    packet.cols.info = "body of a frame, " .. buffer:len() .. " bytes"
    tree:add(swarm_stream, buffer()):append_text(" body of a frame")
    return buffer:len()
  end
  packet.cols.info = "frame " .. kind
  local branch = tree:add(swarm_stream, buffer())
  branch:append_text(" " .. kind)
  branch:add(frame_fields.version, buffer(0, 1))
  branch:add(frame_fields.kind, buffer(1, 1), kind)
  branch:add(frame_fields.piece, buffer(2, 4))
  branch:add(frame_fields.offset, buffer(6, 4))
  branch:add(frame_fields.size, buffer(10, 4))
  branch:add(frame_fields.check, buffer(14, 4))
  return buffer:len()
end

local udp_ports, tcp_ports = DissectorTable.get("udp.port"), DissectorTable.get("tcp.port")
udp_ports:add(host_port, peerbed)
tcp_ports:add(host_port, swarm_stream)

function peerbed.prefs_changed()
  if peerbed.prefs.port == host_port then return end
  udp_ports:remove(host_port, peerbed)
  tcp_ports:remove(host_port, swarm_stream)
  host_port = peerbed.prefs.port
  udp_ports:add(host_port, peerbed)
  tcp_ports:add(host_port, swarm_stream)
end
