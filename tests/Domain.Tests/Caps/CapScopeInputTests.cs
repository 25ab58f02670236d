using LlmObserve.Domain.Caps;
using LlmObserve.Domain.Events;
using LlmObserve.Domain.Faults;

namespace LlmObserve.Domain.Tests.Caps;

public sealed class CapScopeInputTests
{
    [Theory]
    [InlineData("global", null, null, null, CapType.Global, "", CapSubScope.None, "")]
    [InlineData("global", "", "", "", CapType.Global, "", CapSubScope.None, "")]
    [InlineData("provider", "OpenAI", null, null, CapType.Provider, "openai", CapSubScope.None, "")]
    [InlineData("provider", " Gemini ", null, null, CapType.Provider, "google", CapSubScope.None, "")]
    [InlineData("customer", "acme", "provider", "Gemini", CapType.Customer, "acme", CapSubScope.Provider, "google")]
    [InlineData("model", " gpt-4o-2024-08-06 ", null, null, CapType.Model, "gpt-4o", CapSubScope.None, "")]
    [InlineData("model", "my-model", null, null, CapType.Model, "my-model", CapSubScope.None, "")]
    [InlineData("agent", "agent:Researcher", null, null, CapType.Agent, "researcher", CapSubScope.None, "")]
    [InlineData("customer", "ACME Inc.", null, null, CapType.Customer, "ACME Inc.", CapSubScope.None, "")]
    [InlineData("customer", "acme", "provider", "OpenAI", CapType.Customer, "acme", CapSubScope.Provider, "openai")]
    [InlineData("customer", "acme", "model", "gpt-4o-2024-08-06", CapType.Customer, "acme", CapSubScope.Model, "gpt-4o")]
    public void Validate_GoodInput_IsCanonical(
        string type, string? target, string? subScope, string? subTarget, CapType expectedType, string expected, CapSubScope expectedSub, string expectedSubTarget)
    {
        var faults = new List<Fault>();
        var scope = new CapScopeInput(type, target, subScope, subTarget).Validate(Provider, Model, faults);
        Assert.Empty(faults);
        Assert.Equal(new CapScope(expectedType, expected, expectedSub, expectedSubTarget), scope);
    }

    [Theory]
    [InlineData(null, "x", null, null, "cap_type:required")]
    [InlineData("", null, null, null, "cap_type:required")]
    [InlineData("team", "x", null, null, "cap_type:unknown-value")]
    [InlineData("Global", null, null, null, "cap_type:unknown-value")]
    [InlineData("global", "acme", null, null, "target_name:conflict")]
    [InlineData("model", null, null, null, "target_name:required")]
    [InlineData("model", "  ", null, null, "target_name:required")]
    [InlineData("agent", "agent:", null, null, "target_name:required")]
    [InlineData("customer", "a\0b", null, null, "target_name:bad-character")]
    [InlineData("provider", "openai", "model", "gpt-4o", "sub_scope:conflict")]
    [InlineData("global", null, "model", "gpt-4o", "sub_scope:conflict")]
    [InlineData("customer", "acme", "model", null, "sub_target:required")]
    [InlineData("customer", "acme", null, "gpt-4o", "sub_scope:required")]
    [InlineData("customer", "acme", "agent", "writer", "sub_scope:unknown-value")]
    [InlineData("customer", "acme", "model", "gpt\u007f", "sub_target:bad-character")]
    [InlineData("customer", null, "region", null, "target_name:required,sub_scope:unknown-value,sub_target:required")]
    [InlineData("team", "a\nb", "region", "\0", "cap_type:unknown-value,target_name:bad-character,sub_scope:unknown-value,sub_target:bad-character")]
    public void Validate_BadInput_NamesEveryFault(string? type, string? target, string? subScope, string? subTarget, string expected)
    {
        var faults = new List<Fault>();
        Assert.Null(new CapScopeInput(type, target, subScope, subTarget).Validate(Provider, Model, faults));
        Assert.Equal(expected, string.Join(',', faults.Select(fault => $"{fault.Path}:{fault.Code}")));
        Assert.All(faults, fault => Assert.EndsWith(".", fault.Detail, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_LongestTarget_IsAcceptedAndOneMoreIsNot()
    {
        var faults = new List<Fault>();
        Assert.NotNull(new CapScopeInput("customer", new string('x', CapScopeInput.MaxTargetLength)).Validate(Provider, Model, faults));
        Assert.Null(new CapScopeInput("customer", new string('x', CapScopeInput.MaxTargetLength + 1)).Validate(Provider, Model, faults));
        Assert.Equal(FaultCodes.TooLong, Assert.Single(faults).Code);
    }

    [Fact]
    public void Validate_EarlierFaults_DoNotSpoilAGoodScope()
    {
        var faults = new List<Fault> { new("limit_amount", FaultCodes.Required, "limit_amount is needed.") };
        Assert.NotNull(new CapScopeInput("global", null).Validate(Provider, Model, faults));
        Assert.Single(faults);
    }

    private static string Provider(string name) => name == "Gemini" ? "google" : ProviderName.Normalize(name);

    private static string Model(string model) => model == "gpt-4o-2024-08-06" ? "gpt-4o" : model;
}
