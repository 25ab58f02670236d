using System.Net.Http.Json;
using LlmObserve.Api.Users;

namespace LlmObserve.Api.Tests.Users;

public sealed class CommonPasswordsTests(AppFixture app) : IClassFixture<AppFixture>
{
    private const string Email = "ada.lovelace@example.com";

    private static readonly string[] s_list = File.ReadAllLines(
        Path.Combine(Deployment.Repository.Folder, "src/Api/Users/CommonPasswords/common-passwords.txt"));

    [Fact]
    public void List_AsItIs_IsSortedLongEnoughAndInLowerCase()
    {
        Assert.True(s_list.Length > 10_000, $"Only {s_list.Length} passwords are listed.");
        Assert.Equal(s_list.Order(StringComparer.Ordinal).Distinct(), s_list);
        Assert.All(s_list, password => Assert.True(
            password.Length >= Passwords.MinLength && password.All(char.IsAscii) && !password.Any(char.IsAsciiLetterUpper), password));
    }

    [Fact]
    public void IsCommon_EveryListedPassword_IsFound() =>
        Assert.All(s_list, password => Assert.True(CommonPasswords.IsCommon(password, Email), password));

    [Fact]
    public void IsCommon_ListedPasswordsWithMore_AreNotFound() =>
        Assert.All(s_list, password => Assert.False(CommonPasswords.IsCommon(password + "~€", Email), password));

    [Theory]
    [InlineData("password")]
    [InlineData("PassWord1")]
    [InlineData(" password ")]
    [InlineData("llmobserve")]
    [InlineData("LLMObserve")]
    [InlineData("ada.lovelace")]
    [InlineData("Ada.Lovelace@Example.com")]
    [InlineData("aaaaaaaa")]
    [InlineData("????????????????????")]
    [InlineData("xyxyxyxyx")]
    [InlineData("7f2k7f2k7f2k")]
    [InlineData("12345678901234567890")]
    [InlineData("9876543210987")]
    [InlineData("hijklmnopqrs")]
    [InlineData("zyxwvutsrq")]
    public void IsCommon_WhatIsGuessedFirst_IsRefused(string password) => Assert.True(CommonPasswords.IsCommon(password, Email));

    [Theory]
    [InlineData("a long sentence of yours")]
    [InlineData("correct horse battery")]
    [InlineData("correct horse battery staple")]
    [InlineData("measured with some patience")]
    [InlineData("a password of B's own")]
    [InlineData("lovelace.ada")]
    [InlineData("qhtzvbnrw")]
    [InlineData("пароль на все времена")]
    public void IsCommon_WhatNobodyElseHas_IsTaken(string password) => Assert.False(CommonPasswords.IsCommon(password, Email));

    [Fact]
    public void IsCommon_NoAddress_JudgesThePasswordAlone()
    {
        Assert.True(CommonPasswords.IsCommon("sunshine", ""));
        Assert.False(CommonPasswords.IsCommon("qhtzvbnrw", ""));
    }

    [Theory]
    [InlineData("Sunshine1")]
    [InlineData("ada.common@example.com")]
    public async Task SignUp_CommonPassword_IsRefusedWithWhatToDo(string password)
    {
        var body = new { email = "ada.common@example.com", password };

        var problem = await app.Anyone.PostAsJsonAsync("/auth/signup", body).JsonAsync(422);

        var fault = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal(("password", "too-common"), (fault.Text("path"), fault.Text("code")));
        Assert.Contains("a few words", fault.Text("detail"), StringComparison.Ordinal);
        Assert.DoesNotContain(password, problem.GetRawText(), StringComparison.Ordinal);
    }
}
