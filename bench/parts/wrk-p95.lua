-- wrk itself prints 50, 75, 90 and 99 % only.
done = function(summary, latency, requests)
  io.write(string.format("p95 %d us\n", latency:percentile(95)))
end
