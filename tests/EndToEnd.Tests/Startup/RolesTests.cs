using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;

namespace LlmObserve.EndToEnd.Tests.Startup;

/// <summary>What a process is told to do, where it cannot.</summary>
public sealed class RolesTests
{
    [Theory]
    [InlineData("silo,gateway,worker", "--roles knows silo, api and web, not 'gateway' or 'worker'.")]
    [InlineData(" , ", "--roles names no role: use silo, api, web or several between commas.")]
    [InlineData("web", "A dashboard without the api role in its process needs --api-url, the http address of an API.")]
#if !ORLEANS
    [InlineData(
        "silo",
        "This build runs grains in the process that answers HTTP: silo and api go together. To run them apart, build with -p:Engine=Orleans (docs/operations.md).")]
    [InlineData(
        "api,web",
        "This build runs grains in the process that answers HTTP: silo and api go together. To run them apart, build with -p:Engine=Orleans (docs/operations.md).")]
#else
    [InlineData("api", "A process without the silo role shares its cluster's database: name it in ConnectionStrings__LlmObserve.")]
#endif
    public async Task Start_WithRolesThatCannotBe_SaysWhy(string roles, string sentence)
    {
        await using var folder = ServerFolder.Create();

        await using var server = ServerProcess.Launch(folder, new ServerSettings(Roles: roles));

        Assert.Equal(1, await server.ExitAsync());
        Assert.Equal(sentence, server.Errors);
        Assert.Null(folder.PostgresProcess);
    }

    [Fact]
    public async Task Start_WithoutDashboard_ServesTheApiAlone()
    {
        await using var folder = ServerFolder.Create();

        await using var server = await ServerProcess.StartAsync(folder, new ServerSettings(Roles: "silo,api"));

        using var client = await ApiClient.SignUpAsync(server);
        (await client.PostEventsAsync(Harness.Events.Batch("alone", 2))).Expect(HttpStatusCode.Created);
        Assert.Null(server.Dashboard);
    }
}
