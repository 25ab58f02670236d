using FsCheck;
using FsCheck.Fluent;
using LlmObserve.Domain.Events;

namespace LlmObserve.Domain.Tests.Events;

public sealed class AgentNameTests
{
    [Theory]
    [InlineData("agent:researcher/tool:web_search", "tool:web_search", "researcher")]
    [InlineData("agent:Researcher", "agent:Researcher", "researcher")]
    [InlineData("step:plan/agent:writer/agent:editor", "agent:editor", "writer")]
    [InlineData("step:plan/ Agent: Writer /tool:x", "tool:x", "writer")]
    [InlineData("agent:/agent:b", "agent:b", "b")]
    [InlineData("tool:web_search", "tool:web_search", "tool:web_search")]
    [InlineData("step:plan/tool:Search", "tool:Search", "tool:search")]
    [InlineData("checkout", "checkout", "checkout")]
    [InlineData("", "default", "default")]
    [InlineData(null, "agent:solo", "solo")]
    [InlineData(null, " My Section ", "my section")]
    [InlineData("checkout/pay", "agent:x", "x")]
    [InlineData("my agent:x/pay", "pay", "pay")]
    [InlineData("agent:agent:x", "agent:agent:x", "x")]
    [InlineData("agent:tool:x", "agent:tool:x", "tool:x")]
    [InlineData("a/agent:", "agent:", "")]
    [InlineData("", "", "")]
    [InlineData("///", "/", "")]
    [InlineData(null, "a/b/", "b")]
    [InlineData("agent:ÉCLAIR", "x", "éclair")]
    public void FromSectionPath_Labels_GiveTheCanonicalAgent(string? path, string section, string expected) =>
        Assert.Equal(expected, AgentName.FromSectionPath(path, section));

    [Theory]
    [InlineData("researcher", "researcher")]
    [InlineData("Researcher ", "researcher")]
    [InlineData("agent:Researcher", "researcher")]
    [InlineData("agent:researcher/tool:web_search", "researcher")]
    [InlineData("step:a/tool:b", "tool:b")]
    [InlineData("tool:b", "tool:b")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void FromCheck_NameOrPath_GivesTheCanonicalAgent(string? text, string expected) =>
        Assert.Equal(expected, AgentName.FromCheck(text));

    [Fact]
    public void FromCheck_AnyPath_AgreesWithTheEventAndWithItself() =>
        Prop.ForAll(Paths.ToArbitrary(), path =>
        {
            // An event's section is the innermost label of its path.
            var agent = AgentName.FromSectionPath(path, path[(path.LastIndexOf('/') + 1)..]);
            if (!path.EndsWith('/') && path.Split('/')[^1].Trim().Length > 0)
            {
                Assert.Equal(agent, AgentName.FromCheck(path));
            }

            Assert.Equal(agent, AgentName.FromCheck(agent));
            Assert.Equal(agent, AgentName.FromCheck("agent:" + agent));
            Assert.Equal(agent, AgentName.FromSectionPath(agent, agent));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void FromSectionPath_CanonicalSection_IsTheSameString()
    {
        var section = new string("checkout");
        Assert.Same(section, AgentName.FromSectionPath(section, section));
        Assert.Same(section, AgentName.FromCheck(section));
    }

    private static readonly Gen<string> Paths =
        Gen.Elements("agent:", "AGENT:", "tool:", "step:", "/", "/", " ", "Writer", "ß", "İ", "a b", "x", "\t")
            .ArrayOf().Select(string.Concat);
}
