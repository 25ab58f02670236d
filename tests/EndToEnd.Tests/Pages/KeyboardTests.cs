using System.Net;
using LlmObserve.EndToEnd.Tests.Harness;
using Microsoft.Playwright;

namespace LlmObserve.EndToEnd.Tests.Pages;

/// <summary>Everything without a mouse.</summary>
[Collection(PagesCollection.Name)]
public sealed class KeyboardTests(DashboardFixture fixture)
{
    [Fact]
    public async Task KeyboardAlone_SignsInFiltersMakesACapAndSignsOut()
    {
        using var client = await ApiClient.SignUpAsync(fixture.Server);
        (await client.PostEventsAsync(Harness.Events.Batch("keys", 20))).Expect(HttpStatusCode.Created);
        await using var window = await fixture.OpenAsync();
        var page = window.Page;
        var keys = page.Keyboard;
        await page.GotoAsync("/sign-in");
        await keys.TypeAsync(client.Account.Email);
        await keys.PressAsync("Tab");
        await keys.TypeAsync(client.Account.Password);
        await keys.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();

        // The first stop of a page leads past its navigation.
        await keys.PressAsync("Tab");
        Assert.Equal("#content", await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')"));
        await keys.PressAsync("Enter");
        await TabToAsync(page, "select[name=range]");
        await keys.PressAsync("Home");
        await page.WaitForURLAsync("**range=1h*");

        await keys.PressAsync("g");
        await keys.PressAsync("p");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Caps" }).WaitForAsync();
        await TabToAsync(page, "a[href='/caps/new']");
        await keys.PressAsync("Enter");
        await page.WaitForURLAsync("**/caps/new");
        await TabToAsync(page, "input[name='Form.Limit']");
        await keys.TypeAsync("3");
        await keys.PressAsync("Enter");
        await page.Locator("#standing").WaitForAsync();
        Assert.Equal(3m, Assert.Single(await client.CapsAsync()).GetProperty("limit_amount").GetDecimal());

        await keys.PressAsync("g");
        await keys.PressAsync("c");
        await page.WaitForURLAsync("**/customers*");
        await keys.PressAsync("/");
        Assert.Equal("search", await page.EvaluateAsync<string>("document.activeElement.id"));
        await keys.PressAsync("Escape");
        await page.EvaluateAsync("document.activeElement.blur()");
        await keys.PressAsync("?");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();

        // Who does not want single keys switches them off, for good, and finds the list in the menu.
        await TabToAsync(page, "[data-keys]");
        await keys.PressAsync("Space");
        await keys.PressAsync("Escape");
        await page.ReloadAsync();
        await keys.PressAsync("?");
        Assert.False(await page.GetByRole(AriaRole.Dialog).IsVisibleAsync());

        await TabToAsync(page, "details.menu > summary");
        await keys.PressAsync("Enter");
        await TabToAsync(page, "form[action='/sign-out'] button");
        await keys.PressAsync("Enter");
        await page.WaitForURLAsync("**/sign-in*");
        window.AssertNoComplaints();
    }

    /// <summary>Tabs on until the element has the focus, as a person would; more stops than any page has end it.</summary>
    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var stop = 0; stop < 150; stop++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("selector => document.activeElement.matches(selector)", selector))
            {
                return;
            }
        }

        Assert.Fail($"The keyboard does not reach {selector} on {page.Url}.");
    }
}
