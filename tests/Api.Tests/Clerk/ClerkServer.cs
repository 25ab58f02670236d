using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmObserve.Api.Tests.Clerk;

/// <summary>Clerk's two APIs on a real server of this machine: the keys of an instance, and its users.</summary>
internal sealed class ClerkServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _keyRequests;

    private ClerkServer(WebApplication app)
    {
        _app = app;
        app.MapGet("/.well-known/jwks.json", async context =>
        {
            Interlocked.Increment(ref _keyRequests);
            Asked.TrySetResult();
            await Gate;
            context.Response.StatusCode = KeysStatus;
            await context.Response.WriteAsync(Keys);
        });
        app.MapGet("/v1/users/{id}", async (string id, HttpContext context) =>
        {
            Authorization = context.Request.Headers.Authorization.ToString();
            await Gate;
            context.Response.StatusCode = Users.TryGetValue(id, out var user) ? UsersStatus : 404;
            await context.Response.WriteAsync(user ?? """{"errors":[{"code":"resource_not_found"}]}""");
        });
    }

    /// <summary>Where it listens, and what its tokens say made them.</summary>
    public string Url => _app.Urls.First();

    public string Keys { get; set; } = """{"keys":[]}""";

    public int KeysStatus { get; set; } = 200;

    public int UsersStatus { get; set; } = 200;

    public ConcurrentDictionary<string, string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>What the last question for a user showed.</summary>
    public string? Authorization { get; private set; }

    /// <summary>Answers wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Set when the keys are asked for.</summary>
    public TaskCompletionSource Asked { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int KeyRequests => Volatile.Read(ref _keyRequests);

    public static async Task<ClerkServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ClerkServer(app);
        await app.StartAsync();
        return server;
    }

    /// <summary>A set of these keys, as an instance serves it.</summary>
    public static string KeySet(params IEnumerable<(string Id, RSA Key)> keys) => JsonSerializer.Serialize(new
    {
        keys = keys.Select(key =>
        {
            var parameters = key.Key.ExportParameters(includePrivateParameters: false);
            return new
            {
                use = "sig",
                kty = "RSA",
                kid = key.Id,
                alg = "RS256",
                n = System.Buffers.Text.Base64Url.EncodeToString(parameters.Modulus),
                e = System.Buffers.Text.Base64Url.EncodeToString(parameters.Exponent),
            };
        }),
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
