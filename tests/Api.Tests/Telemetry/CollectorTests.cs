using LlmObserve.Silo;
using LlmObserve.Silo.Telemetry;

namespace LlmObserve.Api.Tests.Telemetry;

public sealed class CollectorTests
{
    private static readonly Uri s_collector = new("http://collector:4318");

    [Fact]
    public void Read_NoVariables_ExportsNothing() => Assert.Equal(new Collector(null, null), Read());

    [Fact]
    public void Read_Endpoint_IsForBoth() =>
        Assert.Equal(new Collector(s_collector, s_collector), Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")));

    [Fact]
    public void Read_EndpointOfOneSignal_IsForThatAlone() =>
        Assert.Equal(new Collector(s_collector, null), Read(("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector:4318")));

    [Fact]
    public void Read_ExporterNone_LeavesThatSignalOut() =>
        Assert.Equal(
            new Collector(s_collector, null),
            Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_TRACES_EXPORTER", "none")));

    [Fact]
    public void Read_SdkDisabled_ExportsNothing() =>
        Assert.Equal(
            new Collector(null, null), Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), ("OTEL_SDK_DISABLED", "True")));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "/var/run/collector")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_METRICS_EXPORTER", "prometheus")]
    public void Read_WhatCannotBeDone_NamesTheVariable(string variable, string value)
    {
        var refused = Assert.Throws<StartFailedException>(() => Read(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"), (variable, value)));

        Assert.Contains(variable, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A variable that is given twice has its last value.</summary>
    private static Collector Read(params (string Name, string Value)[] variables) =>
        Collector.Read(name => variables.LastOrDefault(variable => variable.Name == name).Value);
}
