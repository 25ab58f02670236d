using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmObserve.Api.Callers;
using LlmObserve.Api.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmObserve.Api.Tests.Http;

public sealed class ProblemTests
{
    [Theory]
    [InlineData("GET", "/nothing/here", 404, "no-such-route")]
    [InlineData("GET", "/nothing", 404, "no-such-route")]
    [InlineData("DELETE", "/health", 405, "method-not-allowed")]
    [InlineData("GET", "/closed", 401, "missing-credentials")]
    [InlineData("GET", "/broken", 500, "internal-error")]
    [InlineData("GET", "/late", 503, "unavailable")]
    [InlineData("POST", "/fields", 415, "unsupported-media-type")]
    public async Task Error_OfAnyKind_IsAProblemDocument(string method, string path, int status, string code)
    {
        await using var host = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "POST" ? new StringContent("a=b", Encoding.UTF8, "application/x-www-form-urlencoded") : null;

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(code, problem.RootElement.GetProperty("code").GetString());
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.EndsWith(".", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Array, problem.RootElement.GetProperty("errors").ValueKind);
        Assert.NotEmpty(problem.RootElement.GetProperty("title").GetString()!);
        Assert.Equal("urn:llmobserve:problem:" + code, problem.RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Exception_Unhandled_LeaksNothing()
    {
        await using var host = await StartAsync();

        var body = await (await host.Client.GetAsync("/broken")).Content.ReadAsStringAsync();

        Assert.DoesNotContain("the secret of the failure", body, StringComparison.Ordinal);
        Assert.Contains("trace_id", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unavailable_Always_SaysWhenToTryAgain()
    {
        await using var host = await StartAsync();

        using var response = await host.Client.GetAsync("/late");

        Assert.Equal(TimeSpan.FromSeconds(Problems.UnavailableRetryAfterSeconds), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Route_WithoutARule_AnswersNobody()
    {
        await using var host = await StartAsync();
        host.SignIn();

        using var response = await host.Client.GetAsync("/forgotten");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/")]
    public async Task Route_WithAndWithoutTrailingSlash_Answers(string path)
    {
        await using var host = await StartAsync();

        Assert.Equal("""{"status":"ok"}""", await host.Client.GetStringAsync(path));
        using var head = await host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Fact]
    public async Task Root_ForWhoeverOpensIt_SaysWhereToLook()
    {
        await using var host = await StartAsync();

        Assert.Equal(
            """{"service":"LLMObserve API","openapi":"/openapi.json","health":"/health/ready"}""", await host.Client.GetStringAsync("/"));
    }

    [Fact]
    public async Task Problem_WithQuotesAndLetters_DoesNotEscapeThem()
    {
        await using var host = await StartAsync();

        using var response = await host.Client.GetAsync("/it's-Zo%C3%AB");

        Assert.Contains("There is nothing at /it's-Zoë.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_WithManyFaults_NamesThemAll()
    {
        await using var host = await StartAsync();
        host.SignIn();
        using var body = new StringContent(
            """{"name":"a\u0000b","limit":1.0000000001,"on":"yes","word":"purple","share":7,"list":[1,"ok"]}""", Encoding.UTF8, "application/json");

        using var response = await host.Client.PostAsync("/fields", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(
            ["missing required", "name bad-character", "limit too-precise", "on malformed", "word unknown-value", "share out-of-range", "list[0] malformed"],
            problem.RootElement.GetProperty("errors").EnumerateArray()
                .Select(error => $"{error.GetProperty("path").GetString()} {error.GetProperty("code").GetString()}"));
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"name":"\ud800"}""", 422)]
    [InlineData("""{"\ud800\ud800\ud800":1}""", 422)]
    [InlineData("""{"a":[[[[[[[[[[1]]]]]]]]]]}""", 400)]
    public async Task Fields_OfHostileBody_AnswersFourHundreds(string text, int status)
    {
        await using var host = await StartAsync();
        host.SignIn();

        using var response = await host.Client.PostAsync("/fields", new StringContent(text, Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fields_OfHugeBody_Answers413(bool chunked)
    {
        await using var host = await StartAsync();
        host.SignIn();
        using var body = new StreamContent(new MemoryStream(new byte[JsonFields.MaxBodyBytes + 1]));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fields") { Content = body };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    private static Task<ApiHost> StartAsync() => ApiHost.StartAsync(app =>
    {
        app.MapGet("/closed", () => "never").Accept(CallerRule.Session);
        app.MapGet("/forgotten", () => "never");
        app.MapGet("/broken", string () => throw new InvalidOperationException("the secret of the failure")).Accept(CallerRule.Anyone);
        app.MapGet("/late", string () => throw new TimeoutException("too late")).Accept(CallerRule.Anyone);
        app.MapPost("/fields", (Delegate)ReadFieldsAsync).Accept(CallerRule.Anyone);
    });

    private static async Task<IResult> ReadFieldsAsync(HttpContext context)
    {
        if (!(await JsonFields.ReadAsync(context)).TryGet(out var fields, out var problem))
        {
            return problem;
        }

        fields.RequiredText("missing", 10);
        fields.OptionalText("name", 10);
        fields.ExactUsd("limit");
        fields.Flag("on");
        fields.Word("word", ("red", 1), ("blue", 2));
        fields.Number("share", 0, 1);
        fields.Texts("list", 3, 10);
        return fields.Invalid ?? Results.Ok();
    }
}
