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
    /// <exception cref="StartFailedException">A variable says what cannot be done.</exception>
    public static Collector Read(Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return new Collector(null, null);
        }

        return new Collector(Of("METRICS"), Of("TRACES"));

        Uri? Of(string signal)
        {
            switch (variable($"OTEL_{signal}_EXPORTER"))
            {
                case "none":
                    return null;
                case not (null or "" or "otlp"):
                    throw new StartFailedException($"OTEL_{signal}_EXPORTER must be otlp or none: this server exports over OTLP.");
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
            return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? address
                : throw new StartFailedException($"{name} must be the address of a collector, such as http://localhost:4317, not '{text}'.");
        }

        void CheckProtocol(string name)
        {
            if (variable(name) is { Length: > 0 } protocol && !s_protocols.Contains(protocol))
            {
                throw new StartFailedException($"{name} must be {string.Join(" or ", s_protocols)}, not '{protocol}'.");
            }
        }
    }
}
