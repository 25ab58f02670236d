using LlmObserve.Domain.Prices;

namespace LlmObserve.Domain.Tests.Prices;

public sealed class MatchRuleTests
{
    [Theory]
    [InlineData(MatchKind.Equals, "gpt-4o", "GPT-4o", true)]
    [InlineData(MatchKind.Equals, "gpt-4o", "gpt-4o-mini", false)]
    [InlineData(MatchKind.StartsWith, "Claude-3", "claude-3-opus", true)]
    [InlineData(MatchKind.StartsWith, "claude-3", "anthropic/claude-3", false)]
    [InlineData(MatchKind.EndsWith, ":free", "llama:FREE", true)]
    [InlineData(MatchKind.EndsWith, ":free", "llama:free-ish", false)]
    [InlineData(MatchKind.Contains, "Gemini", "models/gemini-2", true)]
    [InlineData(MatchKind.Contains, "gemini", "gemma", false)]
    [InlineData(MatchKind.Regex, "^o[134]", "O3-mini", true)]
    [InlineData(MatchKind.Regex, "^o[134]", "o2", false)]
    [InlineData(MatchKind.Regex, @"^grok-4\.3-\d{8}$", "grok-4.3-20260101", true)]
    [InlineData(MatchKind.Regex, "(?:mi|code)stral", "open-mistral-7b", true)]
    public void Matches_EachKind_IgnoresCase(MatchKind kind, string text, string name, bool matches) =>
        Assert.Equal(matches, MatchRule.Of(kind, text).Matches(name));

    [Fact]
    public void Matches_AllAndAny_CombineTheirParts()
    {
        var face = MatchRule.Of(MatchKind.Contains, "huggingface");
        var groq = MatchRule.Of(MatchKind.Contains, "groq");

        Assert.True(MatchRule.All(face, groq).Matches("huggingface_groq"));
        Assert.False(MatchRule.All(face, groq).Matches("groq"));
        Assert.True(MatchRule.Any(face, groq).Matches("groq"));
        Assert.False(MatchRule.Any(face, groq).Matches("openai"));
        Assert.True(MatchRule.Any(MatchRule.All(face, groq), MatchRule.Of(MatchKind.Equals, "x")).Matches("X"));
    }

    [Theory]
    [InlineData("(")]
    [InlineData("[a-")]
    public void Of_MalformedPattern_Throws(string pattern) =>
        Assert.ThrowsAny<ArgumentException>(() => MatchRule.Of(MatchKind.Regex, pattern));

    [Theory]
    [InlineData("(?=a)b")]
    [InlineData(@"(a)\1")]
    public void Of_PatternThatNeedsBacktracking_Throws(string pattern) =>
        Assert.Throws<NotSupportedException>(() => MatchRule.Of(MatchKind.Regex, pattern));
}
