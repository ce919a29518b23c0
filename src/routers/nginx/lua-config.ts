import { urlHost } from '../../spec/host-port.ts';
import { type IncludeSource, namesOf, statusServer } from './include-parts.ts';
import { recordText } from './record.ts';

/** The part of the include file that splits the traffic in an nginx with the Lua module. The route is in shared memory. */
export function luaConfig(source: IncludeSource): string {
  const name = namesOf(source.service);
  return `lua_shared_dict ${name} 2m;
upstream ${name}_lua {
    server 0.0.0.1;
    balancer_by_lua_block {
${library(source, name)}
        splitter.balance()
    }
    keepalive 64;
    keepalive_timeout 4s;
}
map "" $${name} { default ${name}_lua; }
map "" $${name}_first { default ""; }
map "" $${name}_last { default ""; }
${statusServer(
  source,
  `client_max_body_size 1m;
        client_body_buffer_size 1m;
        content_by_lua_block {
${library(source, name)}
        splitter.answer()
        }`,
)}`;
}

/**
 * What both blocks do, made once for each worker. Of the file's route only one that shared memory has never seen is taken over: after a
 * start, or when somebody has changed the file and reloaded. Shared memory survives reloads, and a worker that is replaced.
 */
function library({ leaseMs, record, config: { status } }: IncludeSource, name: string): string {
  return `        local splitter = package.loaded["${name}"]
        if not splitter then
            splitter = {}
            package.loaded["${name}"] = splitter
            local dict = ngx.shared.${name}
            local boot = [==[${recordText(record)}]==]
            local booted, parsed, parsedText, turn = false, nil, nil, ngx.worker.pid()

            local function parse(text)
                local route = { stable = {}, candidate = {}, match = {}, version = {}, weight = 0, token = -1, seq = -1 }
                for line in text:gmatch("[^\\n]+") do
                    local words = {}
                    for word in line:gmatch("%S+") do words[#words + 1] = word end
                    local kind = words[1]
                    if kind == "fence" then route.token, route.seq = tonumber(words[2]), tonumber(words[3])
                    elseif kind == "weight" then route.weight = tonumber(words[2])
                    elseif kind == "version" then route.version[words[2]] = "v" .. words[3]
                    elseif kind == "endpoint" then
                        local side = route[words[2]]
                        side[#side + 1] = { words[3]:find(":", 1, true) and "[" .. words[3] .. "]" or words[3], tonumber(words[4]) }
                    elseif kind == "match" then
                        local variable = words[2] == "cookie" and "http_cookie" or "http_" .. words[3]:lower():gsub("-", "_")
                        local value = ngx.decode_base64((words[5]:gsub("-", "+"):gsub("_", "/")) .. ("="):rep(-#words[5] % 4))
                        route.match[#route.match + 1] = { variable, words[2] == "cookie" and words[3] or nil, words[4], value }
                    end
                end
                return route
            end

            -- Seconds of the clock that the machine's programs share: a lease ends where its sender has said.
            function splitter.put(text, leaseEnd)
                dict:add("known " .. ngx.md5(text), true)
                dict:set("lease", leaseEnd)
                dict:set("route", text)
            end

            function splitter.current()
                if not booted then
                    booted = true
                    if dict:add("known " .. ngx.md5(boot), true) then splitter.put(boot, ngx.now() + ${leaseMs / 1_000}) end
                end
                local text = dict:get("route") or boot
                if text ~= parsedText then parsed, parsedText = parse(text), text end
                return parsed, text
            end

            local function leased(route) return route.weight > 0 or #route.match > 0 end

            function splitter.lapsed(route)
                return leased(route) and ngx.now() > (dict:get("lease") or 0)
            end

            -- Where nginx hung, a command may be older than its lease. None ends later than one that is sent now.
            local function leaseEnd()
                local said = (tonumber(ngx.var.arg_until) or 0) / 1000
                return math.min(said, ngx.now() + ${leaseMs / 1_000})
            end

            local function cookie(header, name)
                for pair in header:gmatch("[^;]+") do
                    local key, value = pair:match("^%s*([^=]*)=(.-)%s*$")
                    if key == name then return value end
                end
            end

            local function matches(route)
                for _, match in ipairs(route.match) do
                    local value = ngx.var[match[1]]
                    if value and match[2] then value = cookie(value, match[2]) end
                    if value then
                        local kind, wanted = match[3], match[4]
                        if kind == "equals" and value == wanted then return true end
                        if kind == "contains" and value:find(wanted, 1, true) then return true end
                        if kind == "pattern" and ngx.re.find(value, wanted, "jo") then return true end
                    end
                end
                return false
            end

            -- 3819 of 10000 is close to the golden ratio: any run of requests has its share, as evenly as can be.
            local function pick(route)
                if #route.candidate == 0 or splitter.lapsed(route) then return "stable" end
                if matches(route) then return "candidate" end
                if route.weight == 0 then return "stable" end
                return dict:incr("dealt", 3819, 0) % 10000 < route.weight * 100 - 0.5 and "candidate" or "stable"
            end

            function splitter.balance()
                local balancer = require "ngx.balancer"
                local route = splitter.current()
                local context = ngx.ctx
                local tries = (context.${name} or 0) + 1
                context.${name} = tries
                -- The first try goes where the request belongs; a version that cannot be reached is replaced by stable.
                local side = tries == 1 and pick(route) or "stable"
                local instances = route[side]
                -- The status server answers 503 to whatever is not its own.
                if #instances == 0 then
                    return assert(balancer.set_current_peer("${urlHost(status.host)}", ${status.port}))
                end
                if tries == 1 then
                    ngx.var.${name}_first = route.version[side]
                    local spare = #route.stable - (side == "stable" and 1 or 0)
                    if spare > 0 then balancer.set_more_tries(math.min(spare, 3)) end
                end
                ngx.var.${name}_last = route.version[side]
                turn = turn + 1
                local instance = instances[turn % #instances + 1]
                assert(balancer.set_current_peer(instance[1], instance[2]))
            end

            function splitter.answer()
                local method = ngx.req.get_method()
                local route, text = splitter.current()
                if method == "PUT" then
                    ngx.req.read_body()
                    local body = ngx.req.get_body_data() or ""
                    local wanted = parse(body)
                    local seen = math.max(route.token, dict:get("token") or -1)
                    if wanted.token < seen or (wanted.token == route.token and wanted.seq < route.seq) then
                        ngx.status = 409
                    elseif leased(wanted) and ngx.now() > leaseEnd() then
                        ngx.status = 410
                    else
                        splitter.put(body, leaseEnd())
                        dict:set("token", wanted.token)
                        route, text = splitter.current()
                    end
                elseif method == "POST" then
                    local token = tonumber(ngx.var.arg_token) or -1
                    if token < math.max(route.token, dict:get("token") or -1) then
                        ngx.status = 409
                    elseif not splitter.lapsed(route) then
                        dict:set("lease", math.max(leaseEnd(), dict:get("lease") or 0))
                        dict:set("token", token)
                    end
                end
                ngx.print(text, "token ", dict:get("token") or -1, "\\n", splitter.lapsed(route) and "lapsed\\n" or "")
            end
        end`;
}
