using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using LlmObserve.Domain.Faults;
using Microsoft.AspNetCore.Http.Metadata;

namespace LlmObserve.Api.Http;

/// <summary>
/// An error answer as RFC 9457 describes it. Every error that this server gives has this shape:
/// <c>{"type":"urn:llmobserve:problem:missing-scope","title":"…","status":403,"code":"missing-scope","detail":"…","errors":[…]}</c>.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Stable and kebab-case; programs may switch on it.</param>
/// <param name="Title">The same few words for every problem of this code.</param>
/// <param name="Detail">A sentence about this case. Clients print it, so it is always a string.</param>
public sealed record Problem(int Status, string Code, string Title, string Detail) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = ApiJson.Encoder };

    private const string TypePrefix = "urn:llmobserve:problem:";

    /// <summary>Every fault found in the request; empty where the request itself is not at fault.</summary>
    public ImmutableArray<Fault> Errors { get; init; } = [];

    /// <summary>Seconds after which trying again makes sense; sent as <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>One of <see cref="ShedReasons"/> where the request was turned away for want of room, and is counted so; not on the wire.</summary>
    internal string? Shed { get; init; }

    /// <summary>Members beside the standard ones, snake_case.</summary>
    public ImmutableArray<ProblemMember> More { get; init; } = [];

    int? IStatusCodeHttpResult.StatusCode => Status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString();
        }

        if (Shed is not null)
        {
            httpContext.RequestServices.GetRequiredService<ShedMetrics>().Shed(Status, Shed);
        }

        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }

        await using (var writer = new Utf8JsonWriter(response.BodyWriter, s_writing))
        {
            Write(writer);
        }

        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    /// <summary>Tells the API description that any handler with this result may answer with a problem.</summary>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Metadata.Add(new ProducesResponseTypeMetadata(
            StatusCodes.Status400BadRequest, typeof(ProblemDocument), ["application/problem+json"]));
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", TypePrefix + Code);
        writer.WriteString("title", Title);
        writer.WriteNumber("status", Status);
        writer.WriteString("code", Code);
        writer.WriteString("detail", Detail);
        writer.WriteStartArray("errors");
        foreach (var fault in Errors)
        {
            FaultJson.Write(writer, fault);
        }

        writer.WriteEndArray();
        foreach (var member in More)
        {
            member.Write(writer);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A member of a problem beside the standard ones: a number or a text.</summary>
public readonly record struct ProblemMember(string Name, long? Number, string? Text = null)
{
    internal void Write(Utf8JsonWriter writer)
    {
        if (Number is { } number)
        {
            writer.WriteNumber(Name, number);
        }
        else
        {
            writer.WriteString(Name, Text);
        }
    }
}

/// <summary>The shape of <see cref="Problem"/> on the wire, for the API description.</summary>
public sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    string Code,
    string Detail,
    [property: JsonPropertyName("errors")] IReadOnlyList<Fault> Errors);
