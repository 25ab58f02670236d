namespace LlmObserve.Silo.Telemetry;

/// <summary>Which of metrics and traces the environment asks for. The exporters read the rest of the standard variables themselves.</summary>
/// <param name="Metrics">Where metrics go; null where nowhere.</param>
/// <param name="Traces">Where traces go; null where nowhere.</param>
internal sealed record Collector(Uri? Metrics, Uri? Traces)
{
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] s_protocols = ["grpc", "http/protobuf"];

    /// <summary>Reads it, and makes sure of what the exporters would pass over in silence.</summary>
    /// <param name="variable">The environment.</param>
    /// <exception cref="StartFailedException">Variables say what cannot be done; the message names all of them.</exception>
    public static Collector Read(Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return new Collector(null, null);
        }

        // What both signals share is named once.
        var faults = new HashSet<string>(StringComparer.Ordinal);
        var collector = new Collector(Of("METRICS"), Of("TRACES"));
        return faults.Count == 0 ? collector : throw new StartFailedException(string.Join('\n', faults));

        Uri? Of(string signal)
        {
            switch (variable($"OTEL_{signal}_EXPORTER"))
            {
                case "none":
                    return null;
                case not (null or "" or "otlp"):
                    faults.Add($"OTEL_{signal}_EXPORTER must be otlp or none: this server exports over OTLP.");
                    return null;
            }

            var name = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
            if (string.IsNullOrWhiteSpace(variable(name)))
            {
                name = Endpoint;
            }

            var text = variable(name);
            if (string.IsNullOrWhiteSpace(text))
            {
                return null;
            }

            CheckProtocol($"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL");
            CheckProtocol("OTEL_EXPORTER_OTLP_PROTOCOL");
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            {
                return address;
            }

            faults.Add($"{name} must be the address of a collector, such as http://localhost:4317, not '{text}'.");
            return null;
        }

        void CheckProtocol(string name)
        {
            if (variable(name) is { Length: > 0 } protocol && !s_protocols.Contains(protocol))
            {
                faults.Add($"{name} must be {string.Join(" or ", s_protocols)}, not '{protocol}'.");
            }
        }
    }
}
